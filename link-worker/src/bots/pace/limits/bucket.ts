import { withPace, type Pace, type RateState, type Stretch } from '../rate-state.ts';

// The hypothesis that the limit is a token bucket: so many calls a second, and a burst when it was left alone.

/** Fewer calls than these above the burst are too few to tell a rate from. */
const LEAST_CALLS_ABOVE_BURST = 30;
/** A rate below this share of the pace is no rate of this bucket: the run was nearly all burst. */
export const LEAST_SHARE_OF_PACE = 0.2;
/** The run began at more than the rate that it shows, so the bucket was drained from its first call on. */
const BELOW_START_PACE = 0.97;
/** The rate is known to about 1.5 %: so far is the pace kept below it, and taken for refused above it. */
export const JUST_BELOW = 0.985;
const JUST_ABOVE = 1.015;
/** A run that is hardly longer than the quickest one shows the burst and not the rate. */
const LEAST_SHARE_ABOVE_BURST = 0.3;

/** What the next pace is compared with where nothing was kept up yet: a tenth of it is taken for too much. */
const UNPROVEN_EXCESS = 0.1;
/** Half as long again as the bucket needs to be empty. */
const BURST_MARGIN = 1.5;
/** A cheap probe goes so far beyond the pace that was refused. */
export const CHEAP_PROBE = 1.005;
/** Proof takes no longer than so many refusals cost, and five minutes. */
const MOST_PROOF_COSTS = 40;
const MOST_PROOF_MS = 300_000;

/**
 * Every pace of this run was above the rate that it shows. So the bucket was drained all the time, and the rate is that
 * of the limit.
 */
export function recogniseBucket(state: RateState, run: Stretch): RateState | undefined {
  const { pace, past } = state;
  const rate = bucketRate(state, run);
  const isShort = run.calls - past.quick.calls < LEAST_CALLS_ABOVE_BURST;
  if (isShort || rate <= LEAST_SHARE_OF_PACE * pace.perSecond || rate >= BELOW_START_PACE * state.run.startPace)
    return undefined;
  return withPace(state, paceForBucket(rate, pace.perSecond));
}

function paceForBucket(rate: number, perSecond: number): Partial<Pace> {
  return {
    refused: Math.min(perSecond, JUST_ABOVE * rate),
    sustained: JUST_BELOW * rate,
    perSecond: JUST_BELOW * rate,
  };
}

/**
 * The rate of a bucket that was empty at both ends of the run; 0 = the run does not show it. If the bucket was full
 * after the pause, all that this run had more than the quickest one came from the rate. If it was not full, all came
 * from the rate since the pause began. Each estimate is too low in the other case, so the higher one counts.
 */
export function bucketRate({ past, run: { pauseBeforeMs } }: RateState, { calls, ms }: Stretch): number {
  const { quick } = past;
  if (quick.ms === 0 || ms - quick.ms <= LEAST_SHARE_ABOVE_BURST * ms) return 0;
  const fromFull = (calls - quick.calls) / (ms - quick.ms);
  const fromEmpty = pauseBeforeMs > 0 ? (calls - 1) / (ms + pauseBeforeMs) : 0;
  return Math.max(fromFull, fromEmpty) * 1_000;
}

/** Until a bucket of the size seen before would be empty, and half as long again. */
export function burstMs({ pace, pause, past: { quick } }: RateState): number {
  const { perSecond, sustained, refused } = pace;
  const proven = refused === 0 || perSecond < refused ? sustained : refused / CHEAP_PROBE;
  const excess = proven === 0 ? UNPROVEN_EXCESS * perSecond : perSecond - proven;
  const limit = refused === 0 ? sustained : refused;
  const burst = Math.max(0, quick.calls - (limit * quick.ms) / 1_000);
  return Math.min(((BURST_MARGIN * burst) / excess) * 1_000, MOST_PROOF_COSTS * pause.costMs + MOST_PROOF_MS);
}
