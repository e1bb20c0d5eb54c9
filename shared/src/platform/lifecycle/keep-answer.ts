import type { Clock } from '../ports/clock.ts';

/**
 * For questions that are dear and that anybody may ask. A caller that asks during a search waits for its answer. An
 * answer, or a failure, counts for `forMs` after it was found.
 */
export function keepAnswer<T>(
  forMs: number,
  ask: () => Promise<T>,
  clock: Pick<Clock, 'monotonicMs'>,
): () => Promise<T> {
  let kept: Promise<T> | undefined;
  let foundAtMs = Infinity;
  return () => {
    if (kept !== undefined && clock.monotonicMs() - foundAtMs < forMs) return kept;
    foundAtMs = Infinity;
    const found = (): void => {
      foundAtMs = clock.monotonicMs();
    };
    kept = ask();
    kept.then(found, found);
    return kept;
  };
}
