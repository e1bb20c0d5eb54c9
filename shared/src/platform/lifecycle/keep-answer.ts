import type { Clock } from '../ports/clock.ts';

/**
 * For questions that are dear and that anybody may ask: whoever asks while the answer is being looked for waits for
 * that one, and an answer, or a failure, counts for `forMs` after it was found.
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
