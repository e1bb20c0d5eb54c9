import { burstMs, CHEAP_PROBE } from './limits/bucket.ts';
import { withinBounds, withPace, type Pace, type RateBounds, type RateState } from './rate-state.ts';

// The way up. Between what was kept up (`sustained`) and what was refused (`refused`) the gap is halved until it is
// small. Then the pace is held, and now and then a step beyond is tried: the longer the pause that a refusal costs, the
// more rarely.

const STEP_LEAST_MS = 5_000;
const STEP_LEAST_CALLS = 20;
/** A proof takes at least an eighth of what a refusal costs. */
const PROOF_PART_OF_COST = 8;
/** Refusals of a second or so are cheaper than caution. */
const CHEAP_MS = 10_000;
/** Before the first refusal, and where refusals are cheap. */
const STEP = 0.05;
/** The first step into the unknown where refusals are dear. Each further one is twice as large, up to LARGEST_STEP. */
const CAREFUL_STEP = 0.03;
const LARGEST_STEP = 0.25;
/** Back to what was kept up before, a quarter at a time. */
const STEP_BACK = 1.25;
/** A hold costs about a hundredth: one refusal in so many times its price, and in so many calls. */
const HOLD_COSTS = 80;
const HOLD_LEAST_CALLS = 1_200;
const HOLD_LEAST_MS = 30_000;
/**
 * A gap that is closed to this is not worth a refusal. Before a probe, which risks one anyway, it is closed further.
 */
const CHEAP_GAP = 0.015;
const DEAR_GAP = 0.03;
const PROBED_GAP = 0.006;

/** How long the present pace must be kept up until it is believed. */
export function proofMs(state: RateState): number {
  const { pace, pause, limit } = state;
  const leastMs = Math.max(STEP_LEAST_MS, (STEP_LEAST_CALLS / pace.perSecond) * 1_000);
  if (pace.perSecond <= pace.sustained) return leastMs;
  const costMs = pause.costMs / PROOF_PART_OF_COST;
  if (limit.kind === 'window') return Math.max(leastMs, limit.lengthMs, costMs);
  return Math.max(leastMs, pace.refused === 0 && isCheap(state) ? 0 : burstMs(state), costMs);
}

/** The pace after it has been kept up. */
export function afterProof(state: RateState, bounds: RateBounds, now: number): RateState {
  const { perSecond, sustained, refused } = state.pace;
  const to = (pace: number, more: Partial<Pace>): RateState =>
    withPace(state, { ...more, perSecond: withinBounds(pace, bounds) });
  if (refused === 0) {
    const growth = isCheap(state) ? STEP : Math.min(LARGEST_STEP, 2 * state.pace.growth);
    return to(perSecond * (1 + growth), { growth, sustained: state.pause.costMs === 0 ? 0 : perSecond });
  }
  // What was refused is let through now: the limit has risen.
  if (perSecond >= refused)
    return to(perSecond * (1 + CAREFUL_STEP), { refused: 0, sustained: perSecond, growth: CAREFUL_STEP });
  if (perSecond < sustained) return to(Math.min(sustained, perSecond * STEP_BACK), {});
  const gap = refused / perSecond - 1;
  const isHolding = now < state.pace.holdUntil;
  if (gap > closedGap(state, isHolding)) return to(perSecond * (1 + gap / 2), { sustained: perSecond });
  if (isHolding) return withPace(state, { sustained: perSecond });
  return to(refused * (isCheap(state) ? CHEAP_PROBE : 1 + CAREFUL_STEP), { sustained: perSecond });
}

function closedGap(state: RateState, isHolding: boolean): number {
  if (!isHolding) return PROBED_GAP;
  return isCheap(state) ? CHEAP_GAP : DEAR_GAP;
}

/** For how long no step beyond is tried after a refusal. */
export function holdMs({ pace, pause }: RateState): number {
  return Math.max(HOLD_LEAST_MS, HOLD_COSTS * pause.costMs, (HOLD_LEAST_CALLS / pace.perSecond) * 1_000);
}

function isCheap({ pause }: RateState): boolean {
  return pause.costMs <= CHEAP_MS;
}
