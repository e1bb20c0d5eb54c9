import { randomBytes } from 'node:crypto';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { badRequest } from './bot-api-error.ts';
import type { LinkBook, LinkView } from './telegram-simulator.ts';
import type { ChatInviteLink, User } from './wire.ts';

/** Longer names are cut without a word [types, td]. */
const MAX_NAME_CHARACTERS = 32;
const MAX_MEMBER_LIMIT = 99_999;

export type LinkRecord = { -readonly [Field in keyof LinkView]: LinkView[Field] };

export interface LinkRequest {
  readonly name: string;
  /** Unix seconds; 0 = never. */
  readonly expireDate: number;
  /** 0 = unlimited. */
  readonly memberLimit: number;
  readonly createsJoinRequest: boolean;
}

/** The links that the bot made. As with Telegram, a call repeated makes a second live link. */
export class InviteLinks implements LinkBook {
  readonly #records = new Map<string, LinkRecord>();
  readonly #bot: User;
  readonly #clock: Clock;

  constructor(bot: User, clock: Clock) {
    this.#bot = bot;
    this.#clock = clock;
  }

  get size(): number {
    return this.#records.size;
  }

  get(inviteLink: string): LinkRecord | undefined {
    return this.#records.get(inviteLink);
  }

  named(name: string): LinkView[] {
    return [...this.#records.values()].filter((link) => link.name === name);
  }

  all(): IterableIterator<LinkView> {
    return this.#records.values();
  }

  /** @throws BotApiError 400 for a member limit on a link that asks for approval [td]. */
  create(request: LinkRequest): LinkRecord {
    if (request.createsJoinRequest && request.memberLimit !== 0) {
      throw badRequest("member limit can't be specified for links requiring administrator approval");
    }
    const record: LinkRecord = {
      inviteLink: `https://t.me/+${randomBytes(12).toString('base64url')}`,
      name: Array.from(request.name).slice(0, MAX_NAME_CHARACTERS).join(''),
      createdAt: this.#clock.now(),
      memberLimit: clampMemberLimit(request.memberLimit),
      expireDate: Math.max(0, request.expireDate),
      createsJoinRequest: request.createsJoinRequest,
      revoked: false,
      uses: 0,
      present: 0,
    };
    this.#records.set(record.inviteLink, record);
    return record;
  }

  /** @throws BotApiError 400 when it is revoked already, or not the bot's own. */
  revoke(inviteLink: string): LinkRecord {
    const record = this.#records.get(inviteLink);
    if (record === undefined) throw badRequest('INVITE_HASH_EXPIRED');
    if (record.revoked) throw badRequest('INVITE_REVOKED_MISSING');
    record.revoked = true;
    return record;
  }

  toWire(record: LinkView): ChatInviteLink {
    return {
      invite_link: record.inviteLink,
      ...(record.name === '' ? {} : { name: record.name }),
      creator: this.#bot,
      creates_join_request: record.createsJoinRequest,
      is_primary: false,
      is_revoked: record.revoked,
      ...(record.memberLimit === 0 ? {} : { member_limit: record.memberLimit }),
      ...(record.expireDate === 0 ? {} : { expire_date: record.expireDate }),
    };
  }
}

/** Out of range is clamped, not refused [types, td]; 0 stays "no limit". */
function clampMemberLimit(memberLimit: number): number {
  return Math.min(MAX_MEMBER_LIMIT, Math.max(0, memberLimit));
}
