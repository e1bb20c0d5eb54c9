import { seededRandom } from '../../tests/e2e/harness/random.ts';
import { linksOfAllKnowing, run, type Outcome } from './run.ts';
import type { Scenario } from './scenarios.ts';
import { ExponentialBackoff, FixedSpacing, Governor, NaiveRetry, type Sender } from './senders.ts';

export const SENDERS: readonly { readonly name: string; readonly create: () => Sender }[] = [
  { name: 'governor', create: () => new Governor() },
  { name: 'fixed 220 ms', create: () => new FixedSpacing() },
  { name: 'naive retry', create: () => new NaiveRetry() },
  { name: 'exponential backoff', create: () => new ExponentialBackoff() },
];

export interface Result {
  readonly seed: number;
  readonly links: number;
  /** Of what the all-knowing sender makes. */
  readonly share: number;
  readonly refusalsPerThousand: number;
  readonly callsDuringStop: number;
}

/** One result of each sender. All of them face the same limit, with the same answer time of 5 to 30 ms. */
export function compare({ trial }: Scenario, seed: number, links: number, senders = SENDERS): readonly Result[] {
  // Each sender gets the same draws of the limit, also of those that are drawn later.
  const fresh = (): ReturnType<typeof trial> => trial(seededRandom(seed * 7_919), links);
  const best = linksOfAllKnowing(fresh());
  const latencyMs = 5 + 25 * seededRandom(seed)();
  return senders.map(({ create }) => resultOf(seed, best, run(fresh(), create(), latencyMs)));
}

function resultOf(seed: number, best: number, { links, refusals, callsDuringStop }: Outcome): Result {
  return {
    seed,
    links,
    share: links / best,
    refusalsPerThousand: (refusals / Math.max(1, links)) * 1_000,
    callsDuringStop,
  };
}

export interface Summary {
  readonly seeds: number;
  readonly worstShare: number;
  readonly medianShare: number;
  readonly medianRefusals: number;
  readonly mostRefusals: number;
  readonly callsDuringStop: number;
}

export function summarise(results: readonly Result[]): Summary {
  const shares = results.map(({ share }) => share).sort((a, b) => a - b);
  const refusals = results.map(({ refusalsPerThousand }) => refusalsPerThousand).sort((a, b) => a - b);
  const middle = results.length >> 1;
  return {
    seeds: results.length,
    worstShare: shares[0] ?? 0,
    medianShare: shares[middle] ?? 0,
    medianRefusals: refusals[middle] ?? 0,
    mostRefusals: refusals.at(-1) ?? 0,
    callsDuringStop: results.reduce((sum, result) => sum + result.callsDuringStop, 0),
  };
}
