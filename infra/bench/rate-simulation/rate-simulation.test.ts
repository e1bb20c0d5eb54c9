import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { summarise, type Result } from './compare.ts';
import { SCENARIOS } from './scenarios.ts';

// The reduced version of npm run bench:rate: the same limits and seeds, fewer links where the horizon allows it.

const SEEDS = 50;
const TIMEOUT_MS = 240_000;
const PROCESS = fileURLToPath(new URL('results-process.ts', import.meta.url));

interface ScenarioResults {
  readonly scenario: string;
  readonly results: readonly Result[];
}

async function simulate(...parameters: readonly (string | number)[]): Promise<readonly ScenarioResults[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, ...parameters.map(String)], {
    maxBuffer: 10 * 2 ** 20,
  });
  return JSON.parse(stdout) as readonly ScenarioResults[];
}

describe('of each of 50 hidden limits the governor makes at least 0.95, with fewer than 5 refusals in 1,000 links and no call during a stop', () => {
  let all: readonly ScenarioResults[];
  beforeAll(async () => {
    all = await simulate('governor', SEEDS, 20_000);
  }, TIMEOUT_MS);

  test.each(SCENARIOS.map(({ name }) => name))('%s', (name) => {
    const results = all.find(({ scenario }) => scenario === name)?.results ?? [];
    expect(results).toHaveLength(SEEDS);
    // The seeds that miss a goal, so that a failure says where to look.
    expect(
      results.filter(
        ({ share, refusalsPerThousand, callsDuringStop }) =>
          share < 0.95 || refusalsPerThousand >= 5 || callsDuringStop > 0,
      ),
    ).toEqual([]);
  });
});

test.each(['naive retry', 'exponential backoff'])(
  'in the same simulation %s calls during stops and collects refusals',
  async (sender) => {
    const [only] = await simulate(sender, 20, 5_000, 'token bucket, penalty 1 to 60 s');
    const { callsDuringStop, medianRefusals, medianShare } = summarise(only?.results ?? []);
    expect(callsDuringStop).toBeGreaterThan(0);
    expect(medianRefusals).toBeGreaterThan(100);
    expect(medianShare).toBeLessThan(0.95);
  },
  TIMEOUT_MS,
);
