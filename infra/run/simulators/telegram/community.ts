import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { ADMIN } from './standing.ts';
import type { InviteLinks, LinkRecord } from './invite-links.ts';
import type { JoinOutcome, JoinRefusal, Person } from './simulated-chat.ts';
import type { Chat, ChatInviteLink, ChatMember, ChatMemberUpdated, User } from './wire.ts';

interface Member {
  readonly user: User;
  readonly state: ChatMember;
  /** The link this person came in through, which counts them as present [types]. */
  readonly via?: LinkRecord;
}

/** A link as each bot sees it. */
type Shown = (botId: number) => ChatInviteLink;

export interface CommunityOptions {
  /** As it is now. */
  readonly chat: () => Chat;
  readonly links: InviteLinks;
  readonly clock: Clock;
  readonly newUserId: () => number;
  /** Told of every change, by the person it happened to; `shown`: the link in the update. */
  readonly changed: (update: ChatMemberUpdated, telegramUserId: number, shown: Shown | undefined) => void;
}

/** A link of another administrator as bots see it: cut [types]. */
const FOREIGN_LINK = 'https://t.me/+AbCd...';

/** Who is in the chat, and the `chat_member` updates that this makes. */
export class Community {
  readonly #options: CommunityOptions;
  readonly #members = new Map<number, Member>();
  joins = 0;

  constructor(options: CommunityOptions) {
    this.#options = options;
  }

  /** How a person stands to the chat; `left` for somebody never seen. */
  stateOf(telegramUserId: number): ChatMember {
    const user = { id: telegramUserId, is_bot: false, first_name: 'Somebody' };
    return this.#members.get(telegramUserId)?.state ?? { user, status: 'left' };
  }

  get size(): number {
    return [...this.#members.values()].filter(({ state }) => isIn(state)).length;
  }

  isIn(telegramUserId: number): boolean {
    return isIn(this.stateOf(telegramUserId));
  }

  joinByLink(person: Person, link: LinkRecord): JoinOutcome {
    const refusal = this.#refusalOf(link);
    if (refusal !== undefined) return { ok: false, reason: refusal };
    return this.#enter(person, {
      from: 'self',
      via: link,
      shown: (botId) => this.#options.links.toWire(link, botId),
    });
  }

  joinByForeignLink(person: Person): JoinOutcome {
    const shown: ChatInviteLink = {
      invite_link: FOREIGN_LINK,
      creator: ADMIN,
      creates_join_request: false,
      is_primary: false,
      is_revoked: false,
    };
    return this.#enter(person, { from: 'self', shown: () => shown });
  }

  addByAdmin(person: Person): JoinOutcome {
    return this.#enter(person, { from: 'admin' });
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

  #enter(
    person: Person,
    by: { readonly from: 'self' | 'admin'; readonly via?: LinkRecord; readonly shown?: Shown },
  ): JoinOutcome {
    const telegramUserId = person.telegramUserId ?? this.#options.newUserId();
    const before = this.#members.get(telegramUserId);
    if (before !== undefined && isIn(before.state)) return { ok: false, reason: 'already_member' };
    if (before?.state.status === 'kicked') return { ok: false, reason: 'banned' };
    const user = before?.user ?? { id: telegramUserId, is_bot: false, first_name: person.firstName ?? 'Buyer' };
    const state: ChatMember =
      before?.state.status === 'restricted' ? { ...before.state, is_member: true } : { user, status: 'member' };
    if (by.via !== undefined) by.via.uses += 1;
    this.joins += 1;
    const member = { user, state, ...(by.via === undefined ? {} : { via: by.via }) };
    this.#change(member, by.from === 'self' ? user : ADMIN, by.shown);
    return { ok: true, telegramUserId };
  }

  #change(member: Member, from: User, shown?: Shown): void {
    const { id } = member.user;
    const before = this.#members.get(id);
    if (before?.via !== undefined && isIn(before.state)) before.via.present -= 1;
    if (member.via !== undefined && isIn(member.state)) member.via.present += 1;
    if (member.state.status === 'left') this.#members.delete(id);
    else this.#members.set(id, member);
    const update: ChatMemberUpdated = {
      chat: this.#options.chat(),
      from,
      date: Math.floor(this.#options.clock.now() / 1000),
      old_chat_member: before?.state ?? { user: member.user, status: 'left' },
      new_chat_member: member.state,
    };
    this.#options.changed(update, id, shown);
  }

  #refusalOf(link: LinkRecord): JoinRefusal | undefined {
    if (link.revoked) return 'revoked';
    if (link.expireDate !== 0 && this.#options.clock.now() >= link.expireDate * 1000) return 'expired';
    if (link.createsJoinRequest) return 'needs_approval';
    // Counts people present at the same time: a person who leaves frees the place [types].
    if (link.memberLimit !== 0 && link.present >= link.memberLimit) return 'limit_reached';
    return undefined;
  }

  #present(telegramUserId: number): Member {
    const member = this.#members.get(telegramUserId);
    if (member === undefined || !isIn(member.state))
      throw new Error(`User ${String(telegramUserId)} is not in the chat`);
    return member;
  }
}

function isIn(state: ChatMember): boolean {
  return state.status === 'restricted'
    ? state.is_member
    : state.status === 'member' || state.status === 'administrator';
}
