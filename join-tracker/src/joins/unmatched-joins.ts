import {
  joins,
  unmatchedJoin,
  unmatchedJoinId,
  unmatchedJoins,
  type UnexplainedJoin,
  type UnmatchedJoin,
} from '@paid-community/shared/model/memberships/join.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import {
  deleteDocument,
  type DocumentStore,
  type Snapshot,
} from '@paid-community/shared/platform/ports/document-store.ts';
import { expiryOfJoin, isCutLink } from './joins.ts';

/** What is the same in the updates of all bots that saw a join. */
type SeenJoin = Pick<UnexplainedJoin, 'telegramUserId' | 'chatId' | 'joinedAt'> & {
  readonly communityId: string;
};

/** More bots than see one join, and more joins than one person makes in a second. */
const MOST_AT_ONCE = 500;

/** The joins that no purchase explains. */
export class UnmatchedJoins {
  readonly #store: DocumentStore;
  readonly #retentionDays: number;
  readonly #clock: Clock;

  constructor(store: DocumentStore, retentionDays: number, clock: Clock) {
    this.#store = store;
    this.#retentionDays = retentionDays;
    this.#clock = clock;
  }

  async record(seen: UnexplainedJoin): Promise<void> {
    const unmatched = unmatchedJoin(seen, expiryOfJoin(seen.joinedAt, this.#clock.now(), this.#retentionDays));
    await createIfAbsent(this.#store, unmatchedJoins, unmatchedJoinId(unmatched), unmatched);
  }

  /**
   * Several bots saw the join, and only the one that made its link sees it whole. Of their records one stays: that with
   * the whole link, by which a rebuild finds the purchase. True when none stays, because another bot's update led to
   * the purchase. Each bot records first and looks then, so the last one sees all.
   */
  async keepOne(seen: SeenJoin): Promise<boolean> {
    const { telegramUserId, communityId, joinedAt } = seen;
    const tracked = await this.#store.query({
      collection: joins,
      where: { telegramUserId },
      orderBy: { field: 'joinedAt', direction: 'ascending', ...atThat(joinedAt) },
      limit: MOST_AT_ONCE,
    });
    const isExplained = tracked.documents.some(({ data }) => data.communityId === communityId);
    const records = await this.#recordsOf(seen);
    await this.#delete(isExplained ? records : records.slice(1));
    return isExplained;
  }

  /** Another bot has seen the join without what leads to its purchase. */
  async forget(seen: SeenJoin): Promise<void> {
    await this.#delete(await this.#recordsOf(seen));
  }

  /** What each bot recorded of it; the one to keep comes first. */
  async #recordsOf({ telegramUserId, chatId, joinedAt }: SeenJoin): Promise<readonly Snapshot<UnmatchedJoin>[]> {
    const { documents } = await this.#store.query({
      collection: unmatchedJoins,
      where: { telegramUserId },
      orderBy: { field: 'joinedAt', direction: 'ascending', ...atThat(joinedAt) },
      limit: MOST_AT_ONCE,
    });
    const isCut = ({ data }: Snapshot<UnmatchedJoin>): number =>
      data.inviteLink === undefined || isCutLink(data.inviteLink) ? 1 : 0;
    return documents
      .filter(({ data }) => data.chatId === chatId)
      .toSorted((one, other) => isCut(one) - isCut(other) || (one.id < other.id ? -1 : 1));
  }

  async #delete(unmatched: readonly Snapshot<UnmatchedJoin>[]): Promise<void> {
    if (unmatched.length === 0) return;
    await this.#store.commit(unmatched.map(({ id }) => deleteDocument(unmatchedJoins, id)));
  }
}

/** Telegram's times are whole seconds. */
function atThat(joinedAt: string): { readonly from: string; readonly before: string } {
  return { from: joinedAt, before: new Date(Date.parse(joinedAt) + 1).toISOString() };
}
