import { describe, expect, test } from '@jest/globals';
import { compare, SENDERS, summarise } from './compare.ts';
import { SCENARIOS } from './scenarios.ts';

// The reduced version of npm run bench:rate: the same limits and seeds, fewer links where the horizon allows it.

const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);
const LINKS = 20_000;
const TIMEOUT_MS = 180_000;
const [governor] = SENDERS;

describe.each(SCENARIOS)('$name', (scenario) => {
  test('of each of 50 hidden limits the governor makes at least 0.95, with fewer than 5 refusals in 1,000 links and no call during a stop', () => {
    if (governor === undefined) throw new Error('There is no governor');
    const results = SEEDS.flatMap((seed) => compare(scenario, seed, LINKS, [governor]));
    // The seeds that miss a goal, so that a failure says where to look.
    expect(results.filter(({ share, refusalsPerThousand, callsDuringStop }) => share < 0.95 || refusalsPerThousand >= 5 || callsDuringStop > 0)).toEqual([]);
  }, TIMEOUT_MS);
});

test('in the same simulation whoever retries without asking how long calls during stops, and collects refusals', () => {
  const scenario = SCENARIOS.find(({ name }) => name === 'token bucket, penalty 1 to 60 s');
  if (scenario === undefined) throw new Error('There is no such scenario');
  for (const sender of SENDERS.filter(({ name }) => name === 'naive retry' || name === 'exponential backoff')) {
    const { callsDuringStop, medianRefusals, medianShare } = summarise(SEEDS.slice(0, 10).flatMap((seed) => compare(scenario, seed, 5_000, [sender])));
    expect(callsDuringStop).toBeGreaterThan(0);
    expect(medianRefusals).toBeGreaterThan(100);
    expect(medianShare).toBeLessThan(0.95);
  }
}, TIMEOUT_MS);
