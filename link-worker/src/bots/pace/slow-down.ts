import { bucketRate, JUST_BELOW, LEAST_SHARE_OF_PACE, recogniseBucket } from './limits/bucket.ts';
import { isStillFull, paceForFullWindow, recogniseWindow } from './limits/window.ts';
import { BUCKET, withPace, type RateState, type Stretch } from './rate-state.ts';

// The way down. Each kind of limit leaves other traces when it refuses, which tell more than "too fast".

/** A run that is not much longer than the quickest one replaces it: the burst may have changed. */
const NEARLY_AS_QUICK = 1.2;

/** A rate that was estimated is kept to within 2 %, and no step down is larger than to 40 %. */
const JUST_BELOW_ESTIMATE = 0.98;
const LARGEST_STEP_DOWN = 0.4;
/** Without an estimate: the sooner the refusal came, the larger is the step down. */
const MANY_CALLS = 1_000;
const AFTER_MANY_CALLS = 0.98;
const SUSTAINED_BY_MANY_CALLS = 0.9;
const SOME_CALLS = 100;
const AFTER_SOME_CALLS = 0.85;
const AFTER_FEW_CALLS = 0.6;

/**
 * What the first refusal after accepted calls says about the limit. The pace that it returns may be out of bounds.
 */
export function slowDown(state: RateState, calledAt: number): RateState {
  const { pace, past, limit } = state;
  const run: Stretch = { calls: state.run.calls, ms: Math.max(1, calledAt - state.run.startedAt) };
  const isQuick = past.quick.ms === 0 || run.ms <= NEARLY_AS_QUICK * past.quick.ms;
  const seen = isQuick ? { ...state, past: { ...past, quick: run } } : state;
  if (limit.kind === 'bucket') {
    const recognised = recogniseWindow(state, run, calledAt) ?? recogniseBucket(state, run);
    if (recognised !== undefined) return recognised;
  } else if (pace.perSecond <= pace.sustained) {
    if (isStillFull(limit, calledAt)) return withPace(state, paceForFullWindow(state));
    // Its own pace is refused, so it is no window.
    return guess({ ...seen, limit: BUCKET }, run, 0);
  }
  if (pace.sustained > 0 && pace.perSecond > pace.sustained) {
    // A pace that was refused before may only have been let through by the burst.
    const refused = pace.refused === 0 ? pace.perSecond : Math.min(pace.perSecond, pace.refused);
    return withPace(seen, { refused, perSecond: pace.sustained });
  }
  return guess(seen, run, limit.kind === 'window' ? 0 : bucketRate(state, run));
}

/** Lower by the estimate if there is one, else by the more the sooner the refusal came. */
function guess(state: RateState, { calls }: Stretch, rate: number): RateState {
  const refused = state.pace.perSecond;
  if (rate > LEAST_SHARE_OF_PACE * refused && rate < refused) {
    const estimate = Math.max(LARGEST_STEP_DOWN * refused, JUST_BELOW_ESTIMATE * rate);
    return withPace(state, { refused, sustained: 0, perSecond: Math.min(JUST_BELOW * refused, estimate) });
  }
  if (calls > MANY_CALLS) {
    const perSecond = AFTER_MANY_CALLS * refused;
    return withPace(state, { refused, sustained: SUSTAINED_BY_MANY_CALLS * refused, perSecond });
  }
  const share = calls > SOME_CALLS ? AFTER_SOME_CALLS : AFTER_FEW_CALLS;
  return withPace(state, { refused, sustained: 0, perSecond: share * refused });
}
