import { pauseAfter, resume } from './resume.ts';
import { withinBounds, withPace, withPause, type RateBounds, type RateState } from './rate-state.ts';
import { afterProof, holdMs, proofMs } from './search.ts';
import { slowDown } from './slow-down.ts';

// What the limit of a bot is, learned from answers alone: pure functions from what is known and what was seen to what is
// known then. They use no clock, no store and no randomness, so a simulation runs the same code through days of virtual
// time.

const HOUR_MS = 3_600_000;
/** A pace counts as kept up when this share of its calls was made: what was not asked for proves nothing. */
const KEPT_UP = 0.85;

export interface Refusal {
  /** When the refused call was sent, and when the answer came. */
  readonly calledAt: number;
  readonly now: number;
  /** The pause that was ordered, or what stands for it when the answer named none. */
  readonly orderedMs: number;
}

/** A call that was sent at `calledAt` was answered at `now`, and was not refused. */
export function accepted(state: RateState, bounds: RateBounds, calledAt: number, now: number): RateState {
  const { refusals, until } = state.pause;
  // It was on its way when the pause was ordered, so it says nothing about the end of the pause.
  if (refusals > 0 && calledAt < until) return state;
  if (!bounds.adaptive) return refusals === 0 ? state : withPause(state, { refusals: 0 });
  const counted = countedCall(refusals > 0 ? resume(state, bounds, now) : state);
  const { perSecond, since, calls } = counted.pace;
  const elapsedMs = now - since;
  if (elapsedMs < proofMs(counted)) return counted;
  const isKeptUp = calls >= KEPT_UP * perSecond * (elapsedMs / 1_000);
  const step = withPace(counted, { since: now, calls: 0 });
  return isKeptUp ? afterProof(step, bounds, now) : step;
}

/** A call was answered with 429: no call before the `pause.until` that is returned. */
export function refused(state: RateState, bounds: RateBounds, { calledAt, now, orderedMs }: Refusal): RateState {
  const { pause, pace, run } = state;
  // It was on its way when the pause was ordered: nothing new, but perhaps a longer pause.
  if (calledAt < pause.until) return withPause(state, { until: Math.max(pause.until, now + orderedMs) });
  const keptMs = pauseAfter(state, orderedMs, now);
  const until = now + keptMs;
  const ordered = { ...pause, refusals: pause.refusals + 1, orderedMs, keptMs, lastRefusalAt: now, until };
  if (!bounds.adaptive || pause.refusals > 0) return { ...state, pause: ordered };
  const lastingMs = Math.min(orderedMs, HOUR_MS);
  const costMs = pause.costMs === 0 ? lastingMs : Math.sqrt(pause.costMs * lastingMs);
  const slower = slowDown({ ...state, pause: { ...ordered, costMs, paceBefore: pace.perSecond } }, calledAt);
  return {
    ...withPace(slower, {
      perSecond: withinBounds(slower.pace.perSecond, bounds),
      holdUntil: until + holdMs(slower),
    }),
    past: { ...slower.past, last: { calls: run.calls, ms: calledAt - run.startedAt } },
  };
}

function countedCall(state: RateState): RateState {
  const { pace, run, quota } = state;
  return {
    ...state,
    pace: { ...pace, calls: pace.calls + 1 },
    run: { ...run, calls: run.calls + 1 },
    quota: { ...quota, calls: quota.calls + 1 },
  };
}
