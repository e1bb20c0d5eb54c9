import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import {
  inviteLinkId,
  inviteLinkOf,
  inviteLinks,
  type InviteLink,
} from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { byInviteLink } from '@paid-community/shared/model/links/named-link.ts';
import { poolLinks } from '@paid-community/shared/model/links/pool-link.ts';
import type { InviteRequest } from '@paid-community/shared/model/links/request-states.ts';
import { join, joins, type Join, type JoinThroughLink } from '@paid-community/shared/model/memberships/join.ts';
import { fromLinkName } from '@paid-community/shared/model/purchases/request-id.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

/** The purchase behind a link. */
export interface Purchase {
  readonly requestId: string;
  readonly communityId: string;
  readonly userId: string;
  readonly transactionId: string;
  readonly inviteLink: string;
  /** Absent: it makes none. */
  readonly membershipId?: string | undefined;
  readonly test?: true | undefined;
  readonly linkCreatedAt?: string | undefined;
  /** See `joinGeneration` of the request. */
  readonly generation: number;
  /** Trace of the purchase. */
  readonly traceparent?: string | undefined;
}

/** Telegram shows a link whole to the bot that made it, and cut to all others. */
export function isCutLink(inviteLink: string): boolean {
  return /(\.\.\.|…)$/.test(inviteLink);
}

/** A join that is told of years late would be past its retention at once, and the next one the first again. */
export function expiryOfJoin(joinedAt: string, nowMs: number, retentionDays: number): string {
  return expiryOf(Math.max(Date.parse(joinedAt), nowMs), retentionDays);
}

/** The first join of each purchase, and the look-ups in the collections of link-worker that lead to it. */
export class Joins {
  readonly #store: DocumentStore;
  readonly #retentionDays: number;
  readonly #clock: Clock;

  constructor(store: DocumentStore, retentionDays: number, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#retentionDays = retentionDays;
  }

  /**
   * By the link itself. Telegram shows a link whole only to the bot that made it, and a link leads into one chat. So
   * this holds also when that chat has another id now.
   */
  findByLink(inviteLink: string): Promise<Purchase | undefined> {
    return this.findByHash(inviteLinkId(inviteLink));
  }

  async findByHash(inviteLinkHash: string): Promise<Purchase | undefined> {
    const known = await this.#store.get(inviteLinks, inviteLinkHash);
    return known === undefined ? undefined : purchaseBehind(known.data);
  }

  /**
   * By the link's name, which holds the requestId, or is that of a link of the pool: Telegram cuts links that another
   * bot made. Anybody can give a link such a name in a chat of their own, so this is for the community's only. A request
   * whose link is not recorded yet has reached no buyer: a person who joins now came through an orphan, and explains
   * nothing.
   */
  async findByName(linkName: string): Promise<Purchase | undefined> {
    const named = fromLinkName(linkName);
    if (named === undefined) return undefined;
    const request = (await this.#request(named)) ?? (await this.#requestByPoolLink(linkName));
    return request?.status === 'DONE' ? purchaseBehind(inviteLinkOf(request)) : undefined;
  }

  async #request(requestId: string): Promise<InviteRequest | undefined> {
    const read = await this.#store.get(inviteRequests, requestId);
    return read === undefined ? undefined : inviteRequestOf(read.data);
  }

  /** The buyer's account, where it came with the purchase. */
  async accountOf(requestId: string): Promise<string | undefined> {
    return (await this.#request(requestId))?.telegramUserId;
  }

  async #requestByPoolLink(linkId: string): Promise<InviteRequest | undefined> {
    const link = (await this.#store.get(poolLinks, linkId))?.data;
    return link?.state === 'TAKEN' ? this.#request(link.requestId) : undefined;
  }

  /**
   * Records the first join of a request and returns it: this one, which is new then, or the one that was there before.
   */
  async recordFirst(seen: JoinThroughLink): Promise<{ readonly first: Join; readonly isNew: boolean }> {
    const recordedAtMs = this.#clock.now();
    const expiresAt = expiryOfJoin(seen.joinedAt, recordedAtMs, this.#retentionDays);
    const first = join(seen, { recordedAtMs, expiresAt });
    const isNew = await createIfAbsent(this.#store, joins, seen.requestId, first);
    if (isNew) return { first, isNew };
    return { first: (await this.#store.get(joins, seen.requestId))?.data ?? first, isNew };
  }

  /** Whether an operator made the link by hand, for this community. */
  async isNamedLink(inviteLink: string, communityId: string): Promise<boolean> {
    if (isCutLink(inviteLink)) return false;
    const { documents } = await this.#store.query(byInviteLink(inviteLink));
    return documents[0]?.data.communityId === communityId;
  }
}

function purchaseBehind({
  requestId,
  communityId = DEFAULT_COMMUNITY,
  userId,
  transactionId,
  inviteLink,
  membershipId,
  test,
  createdAt,
  joinGeneration: generation = 1,
  traceparent,
}: InviteLink): Purchase {
  return {
    requestId,
    communityId,
    userId,
    transactionId,
    inviteLink,
    membershipId,
    test,
    linkCreatedAt: createdAt,
    generation,
    traceparent,
  };
}
