import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { inviteLinkId, inviteLinks, type InviteLink } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joinGeneration } from '@paid-community/shared/model/links/request-states.ts';
import {
  join,
  joins,
  unmatchedJoin,
  unmatchedJoinId,
  unmatchedJoins,
  type Join,
  type JoinThroughLink,
  type UnexplainedJoin,
} from '@paid-community/shared/model/memberships/join.ts';
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
  readonly linkCreatedAt?: string | undefined;
  /** See `joinGeneration` of the request. */
  readonly generation: number;
  /** Trace of the purchase. */
  readonly traceparent?: string | undefined;
}

/** The collections that join-tracker owns, and the look-ups it makes in those of link-worker. */
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
   * By the link's name, which holds the requestId: Telegram cuts links that another bot made. Anybody can give a link
   * such a name in a chat of their own, so this is for the community's only. A request whose link is not recorded yet
   * has reached no buyer: a person who joins now came through an orphan, and explains nothing.
   */
  async findByName(linkName: string): Promise<Purchase | undefined> {
    const named = fromLinkName(linkName);
    const read = named === undefined ? undefined : await this.#store.get(inviteRequests, named);
    const request = read === undefined ? undefined : inviteRequestOf(read.data);
    if (request?.status !== 'DONE') return undefined;
    const { requestId, communityId, userId, transactionId, inviteLink, linkCreatedAt, traceparent } = request;
    return {
      requestId,
      communityId,
      userId,
      transactionId,
      inviteLink,
      linkCreatedAt,
      generation: joinGeneration(request),
      traceparent,
    };
  }

  /**
   * Records the first join of a request and returns it: this one, which is new then, or the one that was there before.
   */
  async recordFirst(seen: JoinThroughLink): Promise<{ readonly first: Join; readonly isNew: boolean }> {
    const first = join(seen, { recordedAtMs: this.#clock.now(), expiresAt: this.#expiryOf(seen) });
    const isNew = await createIfAbsent(this.#store, joins, seen.requestId, first);
    if (isNew) return { first, isNew };
    return { first: (await this.#store.get(joins, seen.requestId))?.data ?? first, isNew };
  }

  async recordUnmatched(seen: UnexplainedJoin): Promise<void> {
    const unmatched = unmatchedJoin(seen, this.#expiryOf(seen));
    await createIfAbsent(this.#store, unmatchedJoins, unmatchedJoinId(unmatched), unmatched);
  }

  /** A join that is told of years late would be past its retention at once, and the next one the first again. */
  #expiryOf({ joinedAt }: { readonly joinedAt: string }): string {
    return expiryOf(Math.max(Date.parse(joinedAt), this.#clock.now()), this.#retentionDays);
  }
}

function purchaseBehind({
  requestId,
  communityId = DEFAULT_COMMUNITY,
  userId,
  transactionId,
  inviteLink,
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
    linkCreatedAt: createdAt,
    generation,
    traceparent,
  };
}
