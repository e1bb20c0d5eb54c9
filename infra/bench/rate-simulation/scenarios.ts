import type { StopPolicy } from './hidden-limiter.ts';
import { DailyQuota, SlidingWindow, TokenBucket, type Limit } from './limiters.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** One hidden limit, to be faced by several senders: each gets a fresh one with the same numbers. */
export interface Trial {
  readonly limit: () => Limit;
  readonly policy: () => StopPolicy;
  readonly horizonMs: number;
}

export interface Scenario {
  readonly name: string;
  /** `links`: so many, about, that the horizon allows; a test makes do with fewer than the bench. */
  readonly trial: (random: Random, links: number) => Trial;
}

export type Random = () => number;

interface Rate {
  readonly limit: () => Limit;
  readonly perSecond: number;
}

const between = (random: Random, low: number, high: number): number => low * (high / low) ** random();
const wholeBetween = (random: Random, low: number, high: number): number => Math.round(between(random, low, high));

/** Says, in whole seconds, when the next call would be accepted; at most `longestMs`. */
const countsDown =
  (longestMs: number): StopPolicy =>
  (waitMs) => {
    const stopMs = Math.min(longestMs, Math.max(SECOND, Math.ceil(waitMs / SECOND) * SECOND));
    return { stopMs, toldMs: stopMs };
  };
/** The same penalty for every refusal, for short waits and long ones. */
const penalty =
  (stopMs: number): StopPolicy =>
  () => ({ stopMs, toldMs: stopMs });
/**
 * A stop that the answer does not name, or not in a readable way. Up to a minute, as long as the governor is silent
 * then.
 */
const untold =
  (random: Random): StopPolicy =>
  () => ({ stopMs: wholeBetween(random, 1, 60) * SECOND, toldMs: undefined });

function bucket(random: Random, low: number, high: number): Rate {
  const perSecond = between(random, low, high);
  const burst = wholeBetween(random, 1, 60);
  return { perSecond, limit: () => new TokenBucket(burst, [{ fromMs: 0, perSecond }]) };
}

function window(random: Random): Rate {
  const seconds = [1, 10, 60, 300, 3_600][Math.floor(random() * 5)] ?? 60;
  const calls = Math.round(between(random, Math.max(0.33, 2 / seconds), 30) * seconds);
  return { perSecond: calls / seconds, limit: () => new SlidingWindow(calls, seconds * SECOND) };
}

const horizon = (links: number, perSecond: number, leastMs: number): number =>
  Math.min(2 * DAY, Math.max(leastMs, (links / perSecond) * SECOND));

function quota(random: Random, longestStopMs: number): Trial {
  const { limit } = bucket(random, 2, 20);
  const calls = wholeBetween(random, 5_000, 30_000);
  const startsAtMs = random() * DAY;
  return {
    limit: () => new DailyQuota({ calls, startsAtMs }, limit()),
    policy: () => countsDown(longestStopMs),
    horizonMs: 5 * DAY,
  };
}

/**
 * Rates from 0.33 (20 a minute) to 30 a second, bursts from 1 to 60, windows from a second to an hour. Quotas from
 * 5,000 to 30,000 a day. A refusal costs its pause, and no sender finds a limit without refusals. So every horizon is
 * long enough to pay for the search, and grows with the pause: 480 times a penalty is 8 hours for a minute, 20 days for
 * an hour.
 */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'token bucket, retry_after exact',
    trial: (random: Random, links: number): Trial => {
      const { limit, perSecond } = bucket(random, 0.33, 30);
      return { limit, policy: () => countsDown(HOUR), horizonMs: horizon(links, perSecond, 3 * HOUR) };
    },
  },
  {
    name: 'token bucket, penalty 1 to 60 s',
    trial: (random: Random, links: number): Trial => {
      const { limit, perSecond } = bucket(random, 0.33, 30);
      const stopMs = wholeBetween(random, 1, 60) * SECOND;
      return {
        limit,
        policy: () => penalty(stopMs),
        horizonMs: Math.max(480 * stopMs, horizon(links, perSecond, 6 * HOUR)),
      };
    },
  },
  {
    name: 'token bucket, penalty 60 to 3600 s',
    trial: (random: Random): Trial => {
      const { limit } = bucket(random, 0.2, 1);
      const stopMs = wholeBetween(random, 60, 3_600) * SECOND;
      return { limit, policy: () => penalty(stopMs), horizonMs: Math.max(2 * DAY, 480 * stopMs) };
    },
  },
  {
    name: 'sliding window, retry_after exact',
    trial: (random: Random, links: number): Trial => {
      const { limit, perSecond } = window(random);
      return { limit, policy: () => countsDown(HOUR), horizonMs: horizon(links, perSecond, DAY) };
    },
  },
  {
    name: 'sliding window, penalty 1 to 60 s',
    trial: (random: Random, links: number): Trial => {
      const { limit, perSecond } = window(random);
      const stopMs = wholeBetween(random, 1, 60) * SECOND;
      return { limit, policy: () => penalty(stopMs), horizonMs: horizon(links, perSecond, DAY) };
    },
  },
  { name: 'daily quota, retry_after until midnight', trial: (random: Random): Trial => quota(random, DAY) },
  { name: 'daily quota, retry_after at most 3600 s', trial: (random: Random): Trial => quota(random, HOUR) },
  {
    name: 'limit jumps 30, 10, 20 a second',
    trial: (random: Random, links: number): Trial => {
      const burst = wholeBetween(random, 1, 60);
      const everyMs = between(random, 1, 2) * HOUR;
      // Down and up at least, or all of it twice.
      return {
        limit: () => new TokenBucket(burst, jumps(everyMs)),
        policy: () => countsDown(HOUR),
        horizonMs: (links < 50_000 ? 3 : 6) * everyMs,
      };
    },
  },
  {
    name: 'retry_after missing or garbage',
    trial: (random: Random, links: number): Trial => {
      const { limit, perSecond } = random() < 0.5 ? bucket(random, 0.33, 30) : window(random);
      return { limit, policy: () => untold(random), horizonMs: horizon(links, perSecond, DAY) };
    },
  },
];

export function jumps(everyMs: number): readonly { readonly fromMs: number; readonly perSecond: number }[] {
  return [30, 10, 20, 30, 10, 20].map((perSecond, index) => ({ fromMs: index * everyMs, perSecond }));
}
