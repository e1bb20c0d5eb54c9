import { recogniseQuota, quotaPauseMs } from './limits/quota.ts';
import { hintOfWindow, recogniseWindowByPauses } from './limits/window.ts';
import type { RateBounds, RateState } from './rate-state.ts';

const HOUR_MS = 3_600_000;
/** A pause that was too short is made so much longer, up to an hour. */
const LONGER_AGAIN = 1.6;

/** The first accepted call after a pause: now it shows what the pause was about. */
export function resume(state: RateState, bounds: RateBounds, now: number): RateState {
  const { pace, pause, run, past } = state;
  const firstRefusalAt = run.startedAt + past.last.ms;
  const next: RateState = {
    ...state,
    pace: { ...pace, since: now, calls: 0 },
    pause: { ...pause, refusals: 0, keptMs: 0 },
    run: { startedAt: now, calls: 0, startPace: pace.perSecond, pauseBeforeMs: now - firstRefusalAt },
  };
  const quota = recogniseQuota(state, next, now);
  if (quota !== undefined) return quota;
  if (pause.refusals > 1) return recogniseWindowByPauses(state, next, bounds, now);
  return { ...next, past: { ...past, long: hintOfWindow(state, now) } };
}

/** How long to pause after a refusal that orders `orderedMs`. */
export function pauseAfter(state: RateState, orderedMs: number, now: number): number {
  const { pause } = state;
  // A countdown is believed. Otherwise a pause that was too short the last time is too short now.
  const isTooShort = pause.refusals > 0 && orderedMs >= pause.orderedMs;
  const longerMs = isTooShort ? Math.min(LONGER_AGAIN * pause.keptMs, HOUR_MS) : 0;
  return Math.max(orderedMs, longerMs, quotaPauseMs(state, orderedMs, now));
}
