import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

/**
 * Where Firestore has not seen these writes before, it wants 500 a second at first, and half as many more each five
 * minutes. https://cloud.google.com/firestore/docs/best-practices#ramping_up_traffic
 */
const FIRST_PER_SECOND = 500;
const GROWTH = 1.5;
const GROWS_EVERY_MS = 300_000;

/** Gives out turns to write, as fast as Firestore wants it. */
export class WritePace {
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  #freeAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAtMs = clock.monotonicMs();
    this.#freeAtMs = this.#startedAtMs;
  }

  async turn(writes: number): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const beginsAtMs = Math.max(nowMs, this.#freeAtMs);
    const perSecond = FIRST_PER_SECOND * GROWTH ** Math.floor((beginsAtMs - this.#startedAtMs) / GROWS_EVERY_MS);
    this.#freeAtMs = beginsAtMs + (writes * 1_000) / perSecond;
    if (beginsAtMs > nowMs) await this.#clock.sleep(beginsAtMs - nowMs);
  }
}

/** A minute and a half in all: longer is an outage, and the move is run again. */
const WAITS_MS = [200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 20_000, 30_000];

/** For a person to mend, and soon: a missing role, topic or queue. */
const LASTING: ReadonlySet<string> = new Set([
  'google_cloud_permission_denied',
  'google_cloud_unauthenticated',
  'google_cloud_not_found',
  'google_cloud_failed_precondition',
]);

/** Repeats what time may mend. @throws the last error */
export async function keepTrying<T>(work: () => Promise<T>, clock: Clock): Promise<T> {
  for (const waitMs of WAITS_MS) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RetryableError) || LASTING.has(error.code)) throw error;
      await clock.sleep(waitMs);
    }
  }
  return work();
}

/**
 * Works on some pages at once, and tells of each as soon as it and all before it are done.
 * @throws the first error, when nothing is under way any more
 */
export async function inOrder<Page>(
  pages: Iterable<Page>,
  atOnce: number,
  work: (page: Page) => Promise<void>,
  done: (page: Page) => void,
): Promise<void> {
  const underWay: { readonly page: Page; readonly worked: Promise<void> }[] = [];
  const finishFirst = async (): Promise<void> => {
    const first = underWay[0];
    if (first === undefined) return;
    await first.worked;
    underWay.shift();
    done(first.page);
  };
  try {
    for (const page of pages) {
      underWay.push({ page, worked: work(page) });
      if (underWay.length >= atOnce) await finishFirst();
    }
    while (underWay.length > 0) await finishFirst();
  } finally {
    await Promise.allSettled(underWay.map(({ worked }) => worked));
  }
}
