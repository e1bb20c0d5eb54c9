import { requestIdOf } from '@paid-community/shared/model/purchases/request-id.ts';
import { purchaseIds } from '../../load/purchases.ts';
import type { Purchase } from './job-side.ts';

export function purchaseOf(name: string, index: number): Purchase {
  const ids = purchaseIds(name, index);
  return { ...ids, requestId: requestIdOf({ ...ids, idempotencyKey: undefined }) };
}

const CHUNK = 1_000;

/** The purchases of a run, a thousand at a time. */
export function* chunksOf(name: string, count: number): Generator<readonly Purchase[]> {
  for (let from = 0; from < count; from += CHUNK) {
    yield Array.from({ length: Math.min(CHUNK, count - from) }, (_, offset) => purchaseOf(name, from + offset));
  }
}
