import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { badRequest } from './bot-api-error.ts';
import type { InviteLinks, LinkRecord } from './invite-links.ts';
import type { Members, Shown } from './members.ts';
import type { JoinOutcome, JoinRefusal, Person } from './simulated-chat.ts';
import { ADMIN } from './standing.ts';
import type { Chat, ChatInviteLink, ChatJoinRequest, User } from './wire.ts';

/** Somebody who asked to come in. */
interface Asker {
  readonly user: User;
  /** Undefined: without a link. */
  readonly via: LinkRecord | undefined;
}

export interface EntranceOptions {
  readonly members: Members;
  /** As it is now. */
  readonly chat: () => Chat;
  readonly links: InviteLinks;
  readonly clock: Clock;
  /** Told of everybody who asks to come in; `shown`: the link in the update. */
  readonly asked: (update: ChatJoinRequest, telegramUserId: number, shown: Shown | undefined) => void;
}

/** A link of another administrator as bots see it: cut [types]. */
const FOREIGN_LINK: ChatInviteLink = {
  invite_link: 'https://t.me/+AbCd...',
  creator: ADMIN,
  creates_join_request: false,
  is_primary: false,
  is_revoked: false,
};

/** How people come in: by links, by an administrator, by a request that waits for an answer. */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #askers = new Map<number, Asker>();

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  get askers(): number[] {
    return [...this.#askers.keys()];
  }

  joinByLink(person: Person, link: LinkRecord): JoinOutcome {
    const reason = this.#refusalOf(link);
    if (reason !== undefined) return { ok: false, reason };
    if (link.createsJoinRequest) return this.ask(person, link);
    return this.#enter(person, (user) => ({ from: user, via: link, shown: this.#shown(link) }));
  }

  joinByForeignLink(person: Person): JoinOutcome {
    return this.#enter(person, (user) => ({ from: user, shown: () => FOREIGN_LINK }));
  }

  addByAdmin(person: Person): JoinOutcome {
    return this.#enter(person, () => ({ from: ADMIN }));
  }

  /** Asking again is told again: what Telegram does then is unknown, and this asks more of those who listen. */
  ask(person: Person, via?: LinkRecord): JoinOutcome {
    const user = this.#options.members.comer(person);
    if (typeof user === 'string') return { ok: false, reason: user };
    this.#forget(user.id);
    this.#askers.set(user.id, { user, via });
    if (via !== undefined) via.asking += 1;
    const date = Math.floor(this.#options.clock.now() / 1_000);
    const request = { chat: this.#options.chat(), from: user, user_chat_id: user.id, date };
    this.#options.asked(request, user.id, this.#shown(via));
    return { ok: false, reason: 'request_sent', telegramUserId: user.id };
  }

  /** @throws BotApiError 400 for somebody who is in, or has no request that waits. */
  approve(telegramUserId: number, from: User): void {
    const { via } = this.#answered(telegramUserId);
    this.#enter({ telegramUserId }, () => ({ from, via, shown: this.#shown(via), afterRequest: true }));
  }

  /** No update tells of it. @throws BotApiError 400 as approve. */
  decline(telegramUserId: number): void {
    this.#answered(telegramUserId);
  }

  #enter(person: Person, how: (user: User) => Parameters<Members['enter']>[1]): JoinOutcome {
    const user = this.#options.members.comer(person);
    if (typeof user === 'string') return { ok: false, reason: user };
    this.#forget(user.id);
    this.#options.members.enter(user, how(user));
    return { ok: true, telegramUserId: user.id };
  }

  /** [td; core.telegram.org/method/messages.hideChatJoinRequest] */
  #answered(telegramUserId: number): Asker {
    if (this.#options.members.isIn(telegramUserId)) throw badRequest('USER_ALREADY_PARTICIPANT');
    const asker = this.#askers.get(telegramUserId);
    if (asker === undefined) throw badRequest('HIDE_REQUESTER_MISSING');
    this.#forget(telegramUserId);
    return asker;
  }

  #forget(telegramUserId: number): void {
    const via = this.#askers.get(telegramUserId)?.via;
    if (via !== undefined) via.asking -= 1;
    this.#askers.delete(telegramUserId);
  }

  #refusalOf(link: LinkRecord): JoinRefusal | undefined {
    if (link.revoked) return 'revoked';
    if (link.expireDate !== 0 && this.#options.clock.now() >= link.expireDate * 1000) return 'expired';
    // Counts people present at the same time: a person who leaves frees the place [types].
    if (link.memberLimit !== 0 && link.present >= link.memberLimit) return 'limit_reached';
    return undefined;
  }

  #shown(link: LinkRecord | undefined): Shown | undefined {
    return link === undefined ? undefined : (botId) => this.#options.links.toWire(link, botId);
  }
}
