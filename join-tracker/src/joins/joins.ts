import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { inviteLinkId, inviteLinks, type InviteLink } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { byInviteLink } from '@paid-community/shared/model/links/named-link.ts';
import { poolLinks } from '@paid-community/shared/model/links/pool-link.ts';
import { joinGeneration, type InviteRequest } from '@paid-community/shared/model/links/request-states.ts';
import {
  join,
  joins,
  unmatchedJoin,
  unmatchedJoinId,
  unmatchedJoins,
  type Join,
  type JoinThroughLink,
  type UnexplainedJoin,
  type UnmatchedJoin,
} from '@paid-community/shared/model/memberships/join.ts';
import { fromLinkName } from '@paid-community/shared/model/purchases/request-id.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import {
  deleteDocument,
  type DocumentStore,
  type Snapshot,
} from '@paid-community/shared/platform/ports/document-store.ts';

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

/** What is the same in the updates of all bots that saw a join. */
export type SeenJoin = Pick<UnexplainedJoin, 'telegramUserId' | 'chatId' | 'joinedAt'> & {
  readonly communityId: string;
};

/** More bots than see one join, and more joins than one person makes in a second. */
const MOST_AT_ONCE = 500;

/** Telegram shows a link whole to the bot that made it, and cut to all others. */
const CUT_LINK = /(\.\.\.|…)$/;

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
   * By the link's name, which holds the requestId, or is that of a link of the pool: Telegram cuts links that another
   * bot made. Anybody can give a link such a name in a chat of their own, so this is for the community's only. A request
   * whose link is not recorded yet has reached no buyer: a person who joins now came through an orphan, and explains
   * nothing.
   */
  async findByName(linkName: string): Promise<Purchase | undefined> {
    const named = fromLinkName(linkName);
    if (named === undefined) return undefined;
    const request = (await this.#request(named)) ?? (await this.#requestByPoolLink(linkName));
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

  async #request(requestId: string): Promise<InviteRequest | undefined> {
    const read = await this.#store.get(inviteRequests, requestId);
    return read === undefined ? undefined : inviteRequestOf(read.data);
  }

  async #requestByPoolLink(linkId: string): Promise<InviteRequest | undefined> {
    const link = (await this.#store.get(poolLinks, linkId))?.data;
    return link?.state === 'TAKEN' ? this.#request(link.requestId) : undefined;
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

  /** Whether an operator made the link by hand, for this community. */
  async isNamedLink(inviteLink: string, communityId: string): Promise<boolean> {
    if (CUT_LINK.test(inviteLink)) return false;
    const { documents } = await this.#store.query(byInviteLink(inviteLink));
    return documents[0]?.data.communityId === communityId;
  }

  async recordUnmatched(seen: UnexplainedJoin): Promise<void> {
    const unmatched = unmatchedJoin(seen, this.#expiryOf(seen));
    await createIfAbsent(this.#store, unmatchedJoins, unmatchedJoinId(unmatched), unmatched);
  }

  /**
   * Several bots saw the join, and only the one that made its link sees it whole. Of their records one stays: that with
   * the whole link, by which a rebuild finds the purchase. True when none stays, because another bot's update led to
   * the purchase. Each bot records first and looks then, so the last one sees all.
   */
  async keepOneUnmatched(seen: SeenJoin): Promise<boolean> {
    const { telegramUserId, communityId, joinedAt } = seen;
    const tracked = await this.#store.query({
      collection: joins,
      where: { telegramUserId },
      orderBy: { field: 'joinedAt', direction: 'ascending', ...atThat(joinedAt) },
      limit: MOST_AT_ONCE,
    });
    const isExplained = tracked.documents.some(({ data }) => data.communityId === communityId);
    const records = await this.#unmatchedOf(seen);
    await this.#deleteUnmatched(isExplained ? records : records.slice(1));
    return isExplained;
  }

  /** Another bot has seen the join without what leads to its purchase. */
  async forgetUnmatched(seen: SeenJoin): Promise<void> {
    await this.#deleteUnmatched(await this.#unmatchedOf(seen));
  }

  /** What each bot recorded of it; the one to keep comes first. */
  async #unmatchedOf({ telegramUserId, chatId, joinedAt }: SeenJoin): Promise<readonly Snapshot<UnmatchedJoin>[]> {
    const { documents } = await this.#store.query({
      collection: unmatchedJoins,
      where: { telegramUserId },
      orderBy: { field: 'joinedAt', direction: 'ascending', ...atThat(joinedAt) },
      limit: MOST_AT_ONCE,
    });
    const isCut = ({ data }: Snapshot<UnmatchedJoin>): number => (CUT_LINK.test(data.inviteLink ?? '...') ? 1 : 0);
    return documents
      .filter(({ data }) => data.chatId === chatId)
      .toSorted((one, other) => isCut(one) - isCut(other) || (one.id < other.id ? -1 : 1));
  }

  async #deleteUnmatched(unmatched: readonly Snapshot<UnmatchedJoin>[]): Promise<void> {
    if (unmatched.length === 0) return;
    await this.#store.commit(unmatched.map(({ id }) => deleteDocument(unmatchedJoins, id)));
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

/** Telegram's times are whole seconds. */
function atThat(joinedAt: string): { readonly from: string; readonly before: string } {
  return { from: joinedAt, before: new Date(Date.parse(joinedAt) + 1).toISOString() };
}
