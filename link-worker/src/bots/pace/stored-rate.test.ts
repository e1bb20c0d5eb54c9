import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { accepted, refused } from './learn.ts';
import { unknownRate, withPause, type RateBounds, type RateState } from './rate-state.ts';
import { rateFromStored, storedRate } from './stored-rate.ts';

const BOUNDS: RateBounds = { adaptive: true, startPerSecond: 4, floorPerSecond: 0.02, ceilingPerSecond: 30 };
const START = Date.UTC(2026, 0, 1);

/** What an earlier version has stored: the names stay as they are. */
const OF_AN_EARLIER_VERSION = {
  perSecond: 2.5,
  sustained: 2.4,
  refusedPace: 3,
  windowMs: 60_000,
  windowSince: START,
  costMs: 5_000,
  refusals: 1,
  lastRefusalAt: START,
  toldMs: 5_000,
  silenceMs: 6_000,
  paceBefore: 3,
  cycleStart: START,
  cycleCalls: 7,
  cyclePace: 3,
  restMs: 1_000,
  lastCycleCalls: 8,
  lastCycleMs: 9_000,
  quickCalls: 5,
  quickMs: 400,
  longRun: 2,
  longRunMs: 70_000,
  longRunStopMs: 3_000,
  stepStart: START,
  stepCalls: 3,
  growth: 0.05,
  holdUntil: START,
  quotaStart: START,
  quotaCalls: 90,
  quotaSize: 5_000,
  quotaLeastMs: 80_000_000,
};

/** After so many runs, each of so many accepted calls and a refusal that orders so many seconds. */
function learned(runs: readonly (readonly [number, number])[]): RateState {
  let state = unknownRate(BOUNDS, START);
  let now = START;
  for (const [calls, seconds] of runs) {
    for (let call = 0; call < calls; call += 1) {
      const calledAt = Math.max(now + 1_000 / state.pace.perSecond, state.pause.until);
      now = calledAt + 20;
      state = accepted(state, BOUNDS, calledAt, now);
    }
    state = refused(state, BOUNDS, {
      calledAt: Math.max(now, state.pause.until),
      now: now + 20,
      orderedMs: seconds * 1_000,
    });
  }
  return state;
}

test('what an earlier version has stored is read, and is written again in the same words', () => {
  const state = rateFromStored(OF_AN_EARLIER_VERSION, 0);
  expect(state).toMatchObject({
    pace: { perSecond: 2.5, sustained: 2.4, refused: 3 },
    limit: { kind: 'window', lengthMs: 60_000, since: START },
    quota: { size: 5_000 },
  });
  expect(storedRate(state ?? learned([]), 0)).toEqual(OF_AN_EARLIER_VERSION);
});

test.each(Object.keys(OF_AN_EARLIER_VERSION))('a stored rate without %s counts for nothing', (name) => {
  expect(rateFromStored({ ...OF_AN_EARLIER_VERSION, [name]: NaN }, 0)).toBeUndefined();
  const others = Object.entries(OF_AN_EARLIER_VERSION).filter(([other]) => other !== name);
  expect(rateFromStored(Object.fromEntries(others), 0)).toBeUndefined();
});

test('property: what was learned is the same after it was stored, by a clock that is ahead too', () => {
  const run = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 7_200 }));
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), fc.integer({ min: -1_000_000, max: 1_000_000 }), (runs, aheadMs) => {
      const state = learned(runs);
      const again = rateFromStored(storedRate(state, 0), 0);
      expect(again).toEqual(withPause(state, { until: 0 }));
      const shifted = storedRate(state, aheadMs);
      expect(shifted['stepStart']).toBe(state.pace.since + aheadMs);
      expect(rateFromStored(shifted, aheadMs)?.pace.since).toBeCloseTo(state.pace.since, 3);
    }),
  );
});
