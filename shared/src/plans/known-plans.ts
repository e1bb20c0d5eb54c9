import { plans, type Plan } from '../model/plans/plan.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';
import { RecentDocuments } from '../recent/recent-documents.ts';
import { RecentValue } from '../recent/recent-value.ts';

/** That a plan was archived is known everywhere after so long. */
export const PLAN_FRESH_MS = 10_000;

/**
 * The plans of the store, all in memory. One query reads what has changed, every PLAN_FRESH_MS while somebody asks: a
 * purchase of a plan costs no read of its own, and a purchase without one none at all. While the store does not answer,
 * they are as they were read last.
 */
export class KnownPlans {
  readonly #recent: RecentValue<ReadonlyMap<string, Plan>>;

  constructor({ store, clock }: { readonly store: DocumentStore; readonly clock: Clock }) {
    const documents = new RecentDocuments<Plan>(plans, { store, clock });
    this.#recent = new RecentValue(() => documents.read(), PLAN_FRESH_MS, clock);
  }

  /**
   * One that is not known is read again: it may have been made a moment ago.
   * @throws RetryableError when the store has never answered.
   */
  async get(planId: string): Promise<Plan | undefined> {
    return (await this.#recent.get()).get(planId) ?? (await this.#recent.get(0)).get(planId);
  }
}
