import { withPace, type Pace, type RateState } from '../rate-state.ts';

// The hypothesis that the calls of many hours are limited, such as those of a day, beside the limit of the pace.

const HOUR_MS = 3_600_000;
/** A shorter period is found as a window. */
const LEAST_PERIOD_MS = 2 * HOUR_MS;
/** A pause that is ordered for so long, again and again, is not about the pace. */
const PAUSE_OF_QUOTA_MS = HOUR_MS / 2;
/** A quota counts as used up from this share of the last one on: the periods begin a little differently. */
const USED_UP = 0.95;
/** So many refusals in a row show it too, where each orders a short pause. */
const REFUSALS_OF_QUOTA = 3;

/**
 * The first accepted call after a pause shows that the quota was what the pause was about. Undefined: it was not.
 */
export function recogniseQuota(state: RateState, next: RateState, now: number): RateState | undefined {
  const { pause, run, past, quota } = state;
  const firstRefusalAt = run.startedAt + past.last.ms;
  const meanPauseMs = (now - firstRefusalAt) / pause.refusals;
  const isLong = pause.refusals > 1 ? meanPauseMs >= PAUSE_OF_QUOTA_MS : pause.orderedMs > HOUR_MS;
  if (!isLong || now - quota.startedAt < LEAST_PERIOD_MS) return undefined;
  return {
    ...withPace(next, paceForQuota(state)),
    quota: { startedAt: now, calls: 0, size: quota.calls, leastMs: pause.lastRefusalAt - quota.startedAt },
  };
}

/** The pace is as good as before. */
function paceForQuota({ pause }: RateState): Partial<Pace> {
  return { perSecond: pause.paceBefore, refused: 0 };
}

/** How long a quota that is used up lasts on, after a refusal that orders `orderedMs`; 0 = none is. */
export function quotaPauseMs({ pause, quota }: RateState, orderedMs: number, now: number): number {
  const isUsedUp =
    quota.size > 0 &&
    quota.calls >= USED_UP * quota.size &&
    (orderedMs >= PAUSE_OF_QUOTA_MS || pause.refusals >= REFUSALS_OF_QUOTA);
  return isUsedUp ? quota.startedAt + quota.leastMs - now : 0;
}
