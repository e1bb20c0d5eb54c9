import { TokenBucket } from '../limiters.ts';
import type { Random, Trial } from '../scenarios.ts';
import type { FleetTrial } from './run-fleet.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

export interface FleetSize {
  readonly bots: number;
  readonly communities: number;
  readonly hours: number;
  readonly instances: number;
}

const between = (random: Random, low: number, high: number): number => low * (high / low) ** random();

/** Every bot has another limit, which moves each hour or two by up to a factor of two. */
function movingLimit(random: Random, hours: number): Trial {
  const burst = Math.round(between(random, 1, 30));
  const rates: { fromMs: number; perSecond: number }[] = [];
  for (let fromMs = 0; fromMs < hours * HOUR; fromMs += between(random, 1, 2) * HOUR) {
    const before = rates.at(-1)?.perSecond ?? between(random, 2, 12);
    const perSecond = Math.min(30, Math.max(1, before * between(random, 0.5, 2)));
    rates.push({ fromMs, perSecond });
  }
  return {
    limit: () => new TokenBucket(burst, rates),
    policy: () => (waitMs) => {
      const stopMs = Math.max(SECOND, Math.ceil(waitMs / SECOND) * SECOND);
      return { stopMs, toldMs: stopMs };
    },
    horizonMs: hours * HOUR,
  };
}

/**
 * One to three bots for each community. Each sells more than its fair share: a half at once, at the start or some time later, and the rest over the whole time.
 */
export function fleetTrial(random: Random, { bots, communities, hours, instances }: FleetSize): FleetTrial {
  const botsOf = Array.from({ length: communities }, (_, community) => {
    const serving = new Set([community % bots]);
    while (serving.size < 3 && random() < 0.4) serving.add(Math.floor(random() * bots));
    return [...serving];
  });
  const horizonMs = hours * HOUR;
  const startsAt = botsOf.map(() => Math.floor(random() * 3) * 0.05 * horizonMs);
  return {
    bots: Array.from({ length: bots }, () => movingLimit(random, hours)),
    botsOf,
    horizonMs,
    startsAt,
    instances,
    latencyMs: 5 + 25 * random(),
    purchases: (fair) =>
      fair
        .flatMap((share, community) => {
          const count = Math.ceil(1.4 * share) + 20;
          const startAt = startsAt[community] ?? 0;
          return Array.from({ length: count }, (_, index) => {
            const part = index / count;
            return { community, at: part < 0.5 ? startAt : startAt + (2 * part - 1) * (horizonMs - startAt) };
          });
        })
        .sort((a, b) => a.at - b.at),
  };
}
