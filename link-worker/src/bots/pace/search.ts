import { withinBounds, type RateBounds, type RateState } from './rate-state.ts';

// The way up. Between what was kept up (`sustained`) and what was refused (`refusedPace`) the gap is halved until it is
// small; then the pace is held, and now and then a step beyond is tried, the more rarely the longer the silence that a
// refusal costs.

const STEP_LEAST_MS = 5_000;
const STEP_LEAST_CALLS = 20;
/** Refusals of a second or so are cheaper than caution. */
const CHEAP_MS = 10_000;
/** Before the first refusal, and where refusals are cheap. */
const STEP = 0.05;
/** The first step into the unknown where refusals are dear. Each further one is twice as large, up to LARGEST_STEP. */
const CAREFUL_STEP = 0.03;
const LARGEST_STEP = 0.25;
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
  const leastMs = Math.max(STEP_LEAST_MS, (STEP_LEAST_CALLS / state.perSecond) * 1_000);
  if (state.perSecond <= state.sustained) return leastMs;
  return Math.max(leastMs, burstMs(state), state.windowMs, state.costMs / 8);
}

/** Until a bucket of the size seen before would be empty, and half as long again. */
function burstMs(state: RateState): number {
  const { perSecond, sustained, refusedPace, quickCalls, quickMs, costMs } = state;
  if (state.windowMs > 0 || (refusedPace === 0 && isCheap(state))) return 0;
  const proven = refusedPace === 0 || perSecond < refusedPace ? sustained : refusedPace / 1.005;
  const excess = proven === 0 ? 0.1 * perSecond : perSecond - proven;
  const limit = refusedPace === 0 ? sustained : refusedPace;
  const burst = Math.max(0, quickCalls - (limit * quickMs) / 1_000);
  return Math.min(((1.5 * burst) / excess) * 1_000, 40 * costMs + 300_000);
}

/** The pace after it has been kept up. */
export function afterProof(state: RateState, bounds: RateBounds, now: number): RateState {
  const { perSecond, sustained, refusedPace } = state;
  const to = (pace: number, more: Partial<RateState> = {}): RateState => ({
    ...state,
    ...more,
    perSecond: withinBounds(pace, bounds),
  });
  if (refusedPace === 0) {
    const growth = isCheap(state) ? STEP : Math.min(LARGEST_STEP, 2 * state.growth);
    return to(perSecond * (1 + growth), { growth, sustained: state.costMs === 0 ? 0 : perSecond });
  }
  // What was refused is let through now: the limit has risen.
  if (perSecond >= refusedPace)
    return to(perSecond * (1 + CAREFUL_STEP), { refusedPace: 0, sustained: perSecond, growth: CAREFUL_STEP });
  if (perSecond < sustained) return to(Math.min(sustained, perSecond * 1.25));
  const gap = refusedPace / perSecond - 1;
  const isHolding = now < state.holdUntil;
  const closed = isHolding ? (isCheap(state) ? CHEAP_GAP : DEAR_GAP) : PROBED_GAP;
  if (gap > closed) return to(perSecond * (1 + gap / 2), { sustained: perSecond });
  if (isHolding) return { ...state, sustained: perSecond };
  return to(refusedPace * (isCheap(state) ? 1.005 : 1 + CAREFUL_STEP), { sustained: perSecond });
}

export function holdMs({ costMs, perSecond }: RateState): number {
  return Math.max(HOLD_LEAST_MS, HOLD_COSTS * costMs, (HOLD_LEAST_CALLS / perSecond) * 1_000);
}

function isCheap({ costMs }: RateState): boolean {
  return costMs <= CHEAP_MS;
}
