import { describe, expect, test } from '@jest/globals';
import { compare, SENDERS, summarise } from './compare.ts';
import { SCENARIOS } from './scenarios.ts';

// The reduced version of npm run bench:rate: the same limits and seeds, fewer links where the horizon allows it.

const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);
const FEW_SEEDS = SEEDS.slice(0, 5);
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

  test('whoever retries without asking how long calls during stops', () => {
    const [, , naive, backoff] = SENDERS.map((_sender, index) => summarise(FEW_SEEDS.flatMap((seed) => compare(scenario, seed, 2_000)[index] ?? [])));
    const both = (naive?.callsDuringStop ?? 0) + (backoff?.callsDuringStop ?? 0);
    // Stops of a second, which exact answers to a bucket order, are over when they retry.
    if (scenario.name !== 'token bucket, retry_after exact' && !scenario.name.startsWith('limit jumps')) expect(both).toBeGreaterThan(0);
    expect(naive?.medianRefusals).toBeGreaterThan(5);
  }, TIMEOUT_MS);
});
