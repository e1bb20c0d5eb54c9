import { randomBytes } from 'node:crypto';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { badRequest } from './bot-api-error.ts';
import type { LinkBook, LinkView } from './telegram-simulator.ts';
import type { ChatInviteLink, User } from './wire.ts';

/** Longer names are cut without a word [types, td]. */
const MAX_NAME_CHARACTERS = 32;
const MAX_MEMBER_LIMIT = 99_999;
const SHOWN_CHARACTERS = 'https://t.me/+'.length + 8;

export type LinkRecord = { -readonly [Field in keyof LinkView]: LinkView[Field] } & { readonly creator: User };

/** A link, and the bot that takes it for its own. */
interface OwnLink {
  readonly inviteLink: string;
  readonly botId: number;
  readonly chatId: number;
}

export interface LinkRequest {
  readonly name: string;
  /** Unix seconds; 0 = never. */
  readonly expireDate: number;
  /** 0 = unlimited. */
  readonly memberLimit: number;
  readonly createsJoinRequest: boolean;
}

/** The links that bots made. As with Telegram, a call repeated makes a second live link. */
export class InviteLinks implements LinkBook {
  readonly #records = new Map<string, LinkRecord>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
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
  create(request: LinkRequest, creator: User, chatId: number): LinkRecord {
    const record: LinkRecord = {
      inviteLink: `https://t.me/+${randomBytes(12).toString('base64url')}`,
      botId: creator.id,
      creator,
      chatId,
      createdAt: this.#clock.now(),
      ...settingsOf(request),
      revoked: false,
      uses: 0,
      present: 0,
      asking: 0,
    };
    this.#records.set(record.inviteLink, record);
    return record;
  }

  /** Every setting is written, so what the request leaves out is reset [td]. @throws BotApiError 400 as revoke, create. */
  edit(own: OwnLink, request: LinkRequest): LinkRecord {
    return Object.assign(this.#own(own), settingsOf(request));
  }

  /** @throws BotApiError 400 when it is revoked already, or not the bot's own. */
  revoke(own: OwnLink): LinkRecord {
    const record = this.#own(own);
    record.revoked = true;
    return record;
  }

  /** The chat has another id. */
  move(fromChatId: number, toChatId: number): void {
    for (const record of this.#records.values()) if (record.chatId === fromChatId) record.chatId = toChatId;
  }

  /** As a bot sees it: whole only if it made it, cut otherwise [types]. */
  toWire(record: LinkRecord, botId: number): ChatInviteLink {
    const { inviteLink, name, creator, asking } = record;
    return {
      invite_link: creator.id === botId ? inviteLink : `${inviteLink.slice(0, SHOWN_CHARACTERS)}...`,
      ...(name === '' ? {} : { name }),
      creator,
      creates_join_request: record.createsJoinRequest,
      is_primary: false,
      is_revoked: record.revoked,
      ...(record.memberLimit === 0 ? {} : { member_limit: record.memberLimit }),
      ...(record.expireDate === 0 ? {} : { expire_date: record.expireDate }),
      ...(asking === 0 ? {} : { pending_join_request_count: asking }),
    };
  }

  #own({ inviteLink, botId, chatId }: OwnLink): LinkRecord {
    const record = this.#records.get(inviteLink);
    if (record?.botId !== botId || record.chatId !== chatId) throw badRequest('INVITE_HASH_EXPIRED');
    if (record.revoked) throw badRequest('INVITE_REVOKED_MISSING');
    return record;
  }
}

function settingsOf(
  request: LinkRequest,
): Pick<LinkView, 'name' | 'memberLimit' | 'expireDate' | 'createsJoinRequest'> {
  const { name, createsJoinRequest, memberLimit, expireDate } = request;
  if (createsJoinRequest && memberLimit !== 0) {
    throw badRequest("member limit can't be specified for links requiring administrator approval");
  }
  return {
    name: Array.from(name).slice(0, MAX_NAME_CHARACTERS).join(''),
    memberLimit: clampMemberLimit(memberLimit),
    expireDate: Math.max(0, expireDate),
    createsJoinRequest,
  };
}

/** Out of range is clamped, not refused [types, td]; 0 stays "no limit". */
function clampMemberLimit(memberLimit: number): number {
  return Math.min(MAX_MEMBER_LIMIT, Math.max(0, memberLimit));
}
