import type { RateState } from './rate-state.ts';

// The way down. The refusals of a token bucket and of a window leave different traces, and each tells more than "too
// fast".

/** What the first refusal after accepted calls says about the limit; the pace it returns may be out of bounds. */
export function slowDown(state: RateState, calledAt: number): RateState {
  const run: Run = { calls: state.cycleCalls, ms: Math.max(1, calledAt - state.cycleStart) };
  const quick = state.quickMs === 0 || run.ms <= 1.2 * state.quickMs ? { quickCalls: run.calls, quickMs: run.ms } : {};
  if (state.windowMs > 0 && state.perSecond <= state.sustained) {
    // At first such a window has not let go of what was sent before it was known. Later, it is not what it seemed.
    if (calledAt < state.windowSince + 2 * state.windowMs) {
      return {
        ...state,
        perSecond: 0.6 * state.perSecond,
        sustained: 0.99 * state.sustained,
        refusedPace: 0.99 * state.refusedPace,
      };
    }
    return guess({ ...state, ...quick, windowMs: 0 }, run);
  }
  const recognised =
    state.windowMs > 0
      ? undefined
      : (exhaustedWindow(state, run, calledAt) ?? countedWindow(state, run, calledAt) ?? drainedBucket(state, run));
  if (recognised !== undefined) return recognised;
  if (state.sustained > 0 && state.perSecond > state.sustained) {
    // A pace that was refused before may only have been let through by the burst.
    const refusedPace = state.refusedPace === 0 ? state.perSecond : Math.min(state.perSecond, state.refusedPace);
    return { ...state, ...quick, refusedPace, perSecond: state.sustained };
  }
  return guess({ ...state, ...quick }, run, state.windowMs > 0 ? 0 : rateOf(state, run));
}

interface Run {
  readonly calls: number;
  readonly ms: number;
}

/**
 * After a long run that became faster and faster, or a long stop, hardly a call is let through: a window is still full
 * of that run.
 */
function exhaustedWindow(state: RateState, { calls }: Run, calledAt: number): RateState | undefined {
  const { longRun, longRunMs, longRunStopMs, perSecond } = state;
  if (longRun === 0 || calls >= 100) return undefined;
  if (state.toldMs <= longRunStopMs / 5 ? perSecond <= longRun : perSecond >= 0.9 * longRun) return undefined;
  return {
    ...state,
    perSecond: 0.6 * perSecond,
    sustained: 0.97 * longRun,
    refusedPace: 1.03 * longRun,
    windowMs: longRunMs,
    windowSince: calledAt,
  };
}

/**
 * The same number of calls in another time: it is the number that is limited, over more than this time and less than
 * with the stop.
 */
function countedWindow(state: RateState, { calls, ms }: Run, calledAt: number): RateState | undefined {
  const differenceMs = Math.abs(ms - state.lastCycleMs);
  if (calls < 20 || calls !== state.lastCycleCalls || (differenceMs / 1_000) * state.perSecond <= 6) return undefined;
  const windowMs = ms + state.toldMs;
  const sustained = (calls / windowMs) * 1_000;
  return {
    ...state,
    perSecond: sustained,
    sustained,
    refusedPace: (calls / Math.max(ms, state.lastCycleMs)) * 1_000,
    windowMs,
    windowSince: calledAt,
  };
}

/**
 * Every pace of this run was above the rate that it shows, so a bucket was drained all the time and the rate is the
 * limit's.
 */
function drainedBucket(state: RateState, run: Run): RateState | undefined {
  const rate = rateOf(state, run);
  if (run.calls - state.quickCalls < 30 || rate <= 0.2 * state.perSecond || rate >= 0.97 * state.cyclePace)
    return undefined;
  return {
    ...state,
    refusedPace: Math.min(state.perSecond, 1.015 * rate),
    sustained: 0.985 * rate,
    perSecond: 0.985 * rate,
  };
}

/**
 * The rate of a bucket that was empty at both ends of the run. Full after the stop: what this run had more than the
 * quickest one, it had from the rate. Not full: all it had, it had from the rate, since the stop began. Each is too low
 * in the other case.
 */
function rateOf({ quickCalls, quickMs, restMs }: RateState, { calls, ms }: Run): number {
  if (quickMs === 0 || ms - quickMs <= 0.3 * ms) return 0;
  const fromFull = (calls - quickCalls) / (ms - quickMs);
  const fromEmpty = restMs > 0 ? (calls - 1) / (ms + restMs) : 0;
  return Math.max(fromFull, fromEmpty) * 1_000;
}

/** Lower by the estimate if there is one, else by the more the sooner the refusal came. */
function guess(state: RateState, { calls }: Run, rate = 0): RateState {
  const pace = state.perSecond;
  const refused = { ...state, refusedPace: pace };
  if (rate > 0.2 * pace && rate < pace)
    return { ...refused, sustained: 0, perSecond: Math.min(0.985 * pace, Math.max(0.4 * pace, 0.98 * rate)) };
  if (calls > 1_000) return { ...refused, sustained: 0.9 * pace, perSecond: 0.98 * pace };
  return { ...refused, sustained: 0, perSecond: (calls > 100 ? 0.85 : 0.6) * pace };
}
