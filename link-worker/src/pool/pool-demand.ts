import { randomUUID } from 'node:crypto';
import { foundEmpty, linkPools, soldFaster, withDemand } from '@paid-community/shared/model/links/link-pool.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

/** Smaller bursts are no reason for a pool. */
const LEAST_BURST = 20;
/** A burst is recorded when it begins to count, and each time that it has grown so much: a few writes for each. */
const GROWN = 1.25;
const EMPTY_EVERY_MS = 60_000;

interface Deps {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Sales {
  /** Purchases that Telegram had not made a link for by then, if none were ready. */
  waiting: number;
  atMs: number;
  recorded: number;
  emptyAtMs: number;
}

/** How large a pool the sales of each community would have needed. It is counted in memory. */
export class PoolDemand {
  readonly #deps: Deps;
  readonly #linksPerSecond: number;
  readonly #byCommunity = new Map<string, Sales>();

  constructor(linksPerSecond: number, deps: Deps) {
    this.#linksPerSecond = linksPerSecond;
    this.#deps = deps;
  }

  /** A purchase came. `isEmpty`: its community has a pool, and nothing was in it. */
  async bought(communityId: string, isEmpty: boolean): Promise<void> {
    const { store, clock, log } = this.#deps;
    const now = clock.monotonicMs();
    const sales = this.#byCommunity.get(communityId) ?? { waiting: 0, atMs: now, recorded: 0, emptyAtMs: -Infinity };
    this.#byCommunity.set(communityId, sales);
    const made = ((now - sales.atMs) * this.#linksPerSecond) / 1_000;
    sales.waiting = Math.max(0, sales.waiting - made) + 1;
    sales.atMs = now;
    if (sales.waiting <= 1) sales.recorded = 0;
    const isBurst = sales.waiting >= LEAST_BURST && sales.waiting >= GROWN * sales.recorded;
    const isNewlyEmpty = isEmpty && now - sales.emptyAtMs >= EMPTY_EVERY_MS;
    if (!isBurst && !isNewlyEmpty) return;
    if (isBurst) sales.recorded = sales.waiting;
    if (isNewlyEmpty) sales.emptyAtMs = now;
    const at = new Date(clock.now()).toISOString();
    const record = changeDocument(store, linkPools, communityId, (known) => {
      const pool = known ?? withDemand(communityId, randomUUID(), at);
      const empty = isNewlyEmpty ? foundEmpty(pool, at) : pool;
      const changed = isBurst ? soldFaster(empty, Math.ceil(sales.waiting), at) : empty;
      return changed === known ? undefined : changed;
    });
    // The purchase is dealt with, and must not come again for a figure.
    await record.catch((error: unknown) => {
      log.warn({ communityId, error }, 'the size of a burst could not be recorded');
    });
  }
}
