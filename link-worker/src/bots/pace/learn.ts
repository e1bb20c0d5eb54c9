import { resume, silenceAfter } from './resume.ts';
import { withinBounds, type RateBounds, type RateState } from './rate-state.ts';
import { afterProof, holdMs, proofMs } from './search.ts';
import { slowDown } from './slow-down.ts';

// What a bot's limit is, learned from answers alone: pure functions from what is known and what was seen to what is
// known then. No clock, no store, no randomness, so that a simulation runs the very same code through days of virtual
// time.

const HOUR_MS = 3_600_000;
/** A pace counts as kept up when so many of its calls were made: what was not asked for proves nothing. */
const KEPT_UP = 0.85;

export interface Refusal {
  /** When the refused call was sent, and when the answer came. */
  readonly calledAt: number;
  readonly now: number;
  /** The silence that was ordered, or what stands for it when the answer named none. */
  readonly toldMs: number;
}

/** A call that was sent at `calledAt` has been answered with a link at `now`. */
export function accepted(state: RateState, bounds: RateBounds, calledAt: number, now: number): RateState {
  // On its way when the stop was ordered: it says nothing about the end of the stop.
  if (state.refusals > 0 && calledAt < state.pausedUntil) return state;
  if (!bounds.adaptive) return state.refusals === 0 ? state : { ...state, refusals: 0 };
  const resumed = state.refusals > 0 ? resume(state, bounds, now) : state;
  const counted = {
    ...resumed,
    cycleCalls: resumed.cycleCalls + 1,
    quotaCalls: resumed.quotaCalls + 1,
    stepCalls: resumed.stepCalls + 1,
  };
  const elapsedMs = now - counted.stepStart;
  if (elapsedMs < proofMs(counted)) return counted;
  const isKeptUp = counted.stepCalls >= KEPT_UP * counted.perSecond * (elapsedMs / 1_000);
  const step = { ...counted, stepStart: now, stepCalls: 0 };
  return isKeptUp ? afterProof(step, bounds, now) : step;
}

/** A call has been answered with 429: no call before the `pausedUntil` that is returned. */
export function refused(state: RateState, bounds: RateBounds, { calledAt, now, toldMs }: Refusal): RateState {
  // On its way when the stop was ordered: nothing new, but perhaps a longer stop.
  if (calledAt < state.pausedUntil) return { ...state, pausedUntil: Math.max(state.pausedUntil, now + toldMs) };
  const silenceMs = silenceAfter(state, toldMs, now);
  const stopped = {
    ...state,
    refusals: state.refusals + 1,
    toldMs,
    silenceMs,
    lastRefusalAt: now,
    pausedUntil: now + silenceMs,
  };
  if (!bounds.adaptive || state.refusals > 0) return stopped;
  const lastingMs = Math.min(toldMs, HOUR_MS);
  const costMs = state.costMs === 0 ? lastingMs : Math.sqrt(state.costMs * lastingMs);
  const slower = slowDown({ ...stopped, costMs, paceBefore: state.perSecond }, calledAt);
  return {
    ...slower,
    perSecond: withinBounds(slower.perSecond, bounds),
    lastCycleCalls: state.cycleCalls,
    lastCycleMs: calledAt - state.cycleStart,
    holdUntil: stopped.pausedUntil + holdMs(slower),
  };
}
