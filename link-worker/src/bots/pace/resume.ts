import { withinBounds, type RateBounds, type RateState } from './rate-state.ts';

const HOUR_MS = 3_600_000;
const QUOTA_LEAST_MS = 2 * HOUR_MS;
/** A stop that is ordered for so long, again and again, is not about the pace. */
const QUOTA_SILENCE_MS = HOUR_MS / 2;

/** The first accepted call after a stop: now it shows what the stop was about. */
export function resume(state: RateState, bounds: RateBounds, now: number): RateState {
  const firstRefusalAt = state.cycleStart + state.lastCycleMs;
  const cycleMs = now - state.cycleStart;
  const throughput = (state.cycleCalls / cycleMs) * 1_000;
  const next = {
    ...state,
    refusals: 0,
    silenceMs: 0,
    cycleStart: now,
    cycleCalls: 0,
    cyclePace: state.perSecond,
    restMs: now - firstRefusalAt,
    stepStart: now,
    stepCalls: 0,
  };
  const meanSilenceMs = (now - firstRefusalAt) / state.refusals;
  const isQuota = state.refusals > 1 ? meanSilenceMs >= QUOTA_SILENCE_MS : state.toldMs > HOUR_MS;
  if (isQuota && now - state.quotaStart >= QUOTA_LEAST_MS) {
    // It was the number of calls in many hours: the pace is as good as before.
    const { paceBefore: perSecond, quotaStart, quotaCalls: quotaSize, lastRefusalAt } = state;
    return {
      ...next,
      perSecond,
      refusedPace: 0,
      quotaStart: now,
      quotaCalls: 0,
      quotaSize,
      quotaLeastMs: lastRefusalAt - quotaStart,
    };
  }
  if (state.refusals > 1) {
    // The stop that was ordered did not do: the limit looks further back. It lets through as many as there were, in
    // less than this time and more than until the last refusal.
    const refusedPace = (state.cycleCalls / (state.lastRefusalAt - state.cycleStart)) * 1_000;
    const perSecond = withinBounds((throughput + refusedPace) / 2, bounds);
    return {
      ...next,
      perSecond,
      cyclePace: perSecond,
      sustained: throughput,
      refusedPace,
      windowMs: cycleMs,
      windowSince: now,
      holdUntil: 0,
    };
  }
  const becameFaster = state.cycleCalls >= 1_000 && throughput < 0.75 * state.paceBefore;
  if (becameFaster || (state.silenceMs >= 10_000 && state.cycleCalls >= 100)) {
    return { ...next, longRun: throughput, longRunMs: cycleMs, longRunStopMs: state.silenceMs };
  }
  return state.cycleCalls >= 100 ? { ...next, longRun: 0 } : next;
}

/** How long to be silent after a refusal that orders `toldMs`. */
export function silenceAfter(state: RateState, toldMs: number, now: number): number {
  const isAgain = state.refusals > 0;
  // Whoever counts down is believed. Otherwise what was too short the last time is too short now.
  const grownMs = isAgain && toldMs >= state.toldMs ? Math.min(1.6 * state.silenceMs, HOUR_MS) : 0;
  const isSpent =
    state.quotaSize > 0 &&
    state.quotaCalls >= 0.95 * state.quotaSize &&
    (toldMs >= QUOTA_SILENCE_MS || state.refusals >= 3);
  return Math.max(toldMs, grownMs, isSpent ? state.quotaStart + state.quotaLeastMs - now : 0);
}
