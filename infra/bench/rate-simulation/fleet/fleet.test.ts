import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fairShares } from './fair-shares.ts';
import type { FleetSummary } from './summarise-fleet.ts';

// The reduced version of what npm run bench:rate does with 20 bots and 50 communities.

const PROCESS = fileURLToPath(new URL('fleet-process.ts', import.meta.url));

async function simulate(...parameters: readonly number[]): Promise<FleetSummary> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, ...parameters.map(String)]);
  return JSON.parse(stdout) as FleetSummary;
}

test('five bots and twelve communities make nearly what their limits allow, and each community has its fair share', async () => {
  const { share, refusalsPerThousand, worstCommunity, callsDuringStop, deferrals } = await simulate(5, 12, 0.5, 1, 3);
  expect(share).toBeGreaterThanOrEqual(0.95);
  expect(refusalsPerThousand).toBeLessThan(5);
  expect(worstCommunity).toBeGreaterThanOrEqual(0.9);
  expect(callsDuringStop).toBe(0);
  expect(deferrals.mean).toBeLessThan(4);
}, 240_000);

test('two instances share what they learn: a refusal slows both, and hardly a call is made in a stop', async () => {
  const { share, refusalsPerThousand, callsDuringStop } = await simulate(4, 8, 0.25, 2, 2);
  // A quarter of an hour is short for the search.
  expect(share).toBeGreaterThanOrEqual(0.85);
  expect(refusalsPerThousand).toBeLessThan(5);
  expect(callsDuringStop).toBeLessThanOrEqual(3);
}, 240_000);

test('property: fair shares are within what the bots can do, and nobody has less than an equal part of a bot', () => {
  const fleet = fc.integer({ min: 1, max: 4 }).chain((bots) =>
    fc.record({
      capacities: fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: bots, maxLength: bots }),
      botsOf: fc.array(fc.uniqueArray(fc.nat({ max: bots - 1 }), { minLength: 1 }), { minLength: 1, maxLength: 6 }),
    }),
  );
  fc.assert(
    fc.property(fleet, ({ capacities, botsOf }) => {
      const shares = fairShares({ capacities, botsOf });
      const total = capacities.reduce((sum, each) => sum + each, 0);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(total * 1.001);
      for (const [community, bots] of botsOf.entries()) {
        const least = Math.min(
          ...bots.map((bot) => (capacities[bot] ?? 0) / botsOf.filter((serving) => serving.includes(bot)).length),
        );
        expect(shares[community]).toBeGreaterThanOrEqual(0.99 * least);
      }
    }),
    { numRuns: 50 },
  );
});
