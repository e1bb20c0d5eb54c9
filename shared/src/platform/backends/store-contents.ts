import type { Collection, Queue, Subscription } from '../ports/topology-types.ts';

/** What is in a store before anybody serves it. */
export interface StoreContents {
  get<T extends object>(collection: Collection<T>, id: string): T | undefined;
  /** Some documents, `limit` at most, in any order. */
  some<T extends object>(
    collection: Collection<T>,
    limit: number,
  ): readonly { readonly id: string; readonly data: T }[];
  /** Messages that the subscription has not acknowledged. */
  undelivered(subscription: Subscription): number;
  /** Tasks that are not finished. */
  unfinished(queue: Queue): number;
}
