import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { badRequest } from './bot-api-error.ts';
import { ADMIN } from './standing.ts';
import type { LinkRecord } from './invite-links.ts';
import type { JoinRefusal, Person } from './simulated-chat.ts';
import type { Chat, ChatInviteLink, ChatMember, ChatMemberUpdated, User } from './wire.ts';

interface Member {
  readonly user: User;
  readonly state: ChatMember;
  /** The link this person came in through, which counts them as present [types]. */
  readonly via?: LinkRecord | undefined;
}

/** A link as each bot sees it. */
export type Shown = (botId: number) => ChatInviteLink;

export interface Coming {
  /** Who lets the person in. */
  readonly from: User;
  readonly via?: LinkRecord | undefined;
  /** The link in the update. */
  readonly shown?: Shown | undefined;
  readonly afterRequest?: boolean;
}

export interface MembersOptions {
  /** As it is now. */
  readonly chat: () => Chat;
  readonly clock: Clock;
  readonly newUserId: () => number;
  /** Told of every change, by the person it happened to. */
  readonly changed: (update: ChatMemberUpdated, telegramUserId: number, shown: Shown | undefined) => void;
}

/** For how long a removal bans, before it lifts the ban itself [td]. */
const REMOVAL_BAN_SEC = 60;

/** Who is in the chat, and the `chat_member` updates that this makes. */
export class Members {
  readonly #options: MembersOptions;
  readonly #members = new Map<number, Member>();
  joins = 0;

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  /** How a person stands to the chat; `left` for somebody never seen. */
  stateOf(telegramUserId: number): ChatMember {
    if (telegramUserId === ADMIN.id) return { user: ADMIN, status: 'creator', is_anonymous: false };
    const user = { id: telegramUserId, is_bot: false, first_name: 'Somebody' };
    return this.#members.get(telegramUserId)?.state ?? { user, status: 'left' };
  }

  isIn(telegramUserId: number): boolean {
    return isIn(this.stateOf(telegramUserId));
  }

  get insiders(): number[] {
    return [...this.#members.values()].filter(({ state }) => isIn(state)).map(({ user }) => user.id);
  }

  /** Somebody who may come in, or why not. */
  comer({ telegramUserId = this.#options.newUserId(), firstName = 'Buyer' }: Person): User | JoinRefusal {
    if (this.isIn(telegramUserId)) return 'already_member';
    const before = this.#members.get(telegramUserId);
    if (before?.state.status === 'kicked') return 'banned';
    return before?.user ?? { id: telegramUserId, is_bot: false, first_name: firstName };
  }

  enter(user: User, { from, via, shown, afterRequest = false }: Coming): void {
    const before = this.#members.get(user.id)?.state;
    const state: ChatMember =
      before?.status === 'restricted' ? { ...before, is_member: true } : { user, status: 'member' };
    if (via !== undefined) via.uses += 1;
    this.joins += 1;
    // Of somebody who asked without a link only [types].
    const how = afterRequest && shown === undefined ? { via_join_request: true } : {};
    this.#change({ user, state, via }, from, how, shown);
  }

  leave(telegramUserId: number): void {
    const { user, state } = this.#present(telegramUserId);
    // Restrictions outlast membership: such a person is not `left`, but restricted and out.
    if (state.status === 'restricted') this.#change({ user, state: { ...state, is_member: false } }, user);
    else this.#change({ user, state: { user, status: 'left' } }, user);
  }

  ban(telegramUserId: number): void {
    const { user } = this.#present(telegramUserId);
    this.#change({ user, state: { user, status: 'kicked', until_date: 0 } }, ADMIN);
  }

  /**
   * What unbanChatMember does. Somebody who is in goes out, by a ban that is lifted again; a ban ends; for somebody who
   * is out nothing happens [td, set_channel_participant_status_impl]. Telegram takes a second from one to the other.
   * @throws BotApiError 400 for the owner and for administrators.
   */
  unban(telegramUserId: number, from: User, onlyIfBanned: boolean): void {
    const { user, status } = this.stateOf(telegramUserId);
    if (status === 'left' || (onlyIfBanned && status !== 'kicked')) return;
    if (status === 'creator') throw badRequest("can't remove chat owner");
    if (status === 'administrator') throw badRequest('user is an administrator of the chat');
    if (this.isIn(telegramUserId)) {
      this.#change({ user, state: { user, status: 'kicked', until_date: this.#nowSec() + REMOVAL_BAN_SEC } }, from);
    }
    // Restrictions end with it, too.
    this.#change({ user, state: { user, status: 'left' } }, from);
  }

  promote(telegramUserId: number): void {
    const member = this.#present(telegramUserId);
    const state = {
      user: member.user,
      status: 'administrator',
      can_be_edited: false,
      can_invite_users: false,
      can_restrict_members: false,
    } as const;
    this.#change({ ...member, state }, ADMIN);
  }

  restrict(telegramUserId: number): void {
    const member = this.#present(telegramUserId);
    const state = { user: member.user, status: 'restricted', is_member: true, until_date: 0 } as const;
    this.#change({ ...member, state }, ADMIN);
  }

  #change(member: Member, from: User, how: Pick<ChatMemberUpdated, 'via_join_request'> = {}, shown?: Shown): void {
    const { id } = member.user;
    const before = this.#members.get(id);
    if (before?.via !== undefined && isIn(before.state)) before.via.present -= 1;
    if (member.via !== undefined && isIn(member.state)) member.via.present += 1;
    if (member.state.status === 'left') this.#members.delete(id);
    else this.#members.set(id, member);
    const update: ChatMemberUpdated = {
      chat: this.#options.chat(),
      from,
      date: this.#nowSec(),
      old_chat_member: before?.state ?? { user: member.user, status: 'left' },
      new_chat_member: member.state,
      ...how,
    };
    this.#options.changed(update, id, shown);
  }

  #present(telegramUserId: number): Member {
    const member = this.#members.get(telegramUserId);
    if (member === undefined || !isIn(member.state))
      throw new Error(`User ${String(telegramUserId)} is not in the chat`);
    return member;
  }

  #nowSec(): number {
    return Math.floor(this.#options.clock.now() / 1000);
  }
}

function isIn(state: ChatMember): boolean {
  return state.status === 'restricted'
    ? state.is_member
    : ['member', 'administrator', 'creator'].includes(state.status);
}
