import {
  NO_LONG_RUN,
  withinBounds,
  withPace,
  type LongRun,
  type Pace,
  type RateBounds,
  type RateState,
  type Stretch,
  type Window,
} from '../rate-state.ts';

// The hypothesis that the limit is a window: it counts the calls of the last so many seconds or hours.

/** A run that ends within fewer calls than these, after a long one, met a window that is still full. */
const HARDLY_ANY_CALLS = 100;
/** A pause of a fifth of the long run's one, or less, left the window as full as before. */
const SHORT_PAUSE_PART = 5;
/** From this share of the long run's rate on, an almost empty window would have let more calls through. */
const NEAR_LONG_RUN = 0.9;
/** The rate of a long run is known to about 3 %. */
const LONG_RUN_SUSTAINED = 0.97;
const LONG_RUN_REFUSED = 1.03;
/** While the window is full: slow enough to let it empty. */
const WHILE_FULL = 0.6;
/** Each refusal of a full window shows that its rate was taken for a little too high. */
const STILL_TOO_HIGH = 0.99;
/** For twice its length, a window that was recognised may hold calls of before. */
const LENGTHS_UNTIL_EMPTY = 2;

/** Runs of fewer calls are alike by chance. */
const LEAST_COUNTED_CALLS = 20;
/** Two runs differ in time when so many calls would have fitted into the difference. */
const LEAST_DIFFERENCE_CALLS = 6;

/** A run of so many calls that got ever faster hints at a window. */
const LONG_RUN_CALLS = 1_000;
const BECAME_FASTER = 0.75;
/** So does a shorter one that ended in a pause of ten seconds or more. */
const RUN_CALLS = 100;
const LONG_PAUSE_MS = 10_000;

/** What the refusal of a call that was sent at `calledAt` shows. */
export function recogniseWindow(state: RateState, run: Stretch, calledAt: number): RateState | undefined {
  return exhaustedWindow(state, run, calledAt) ?? countedWindow(state, run, calledAt);
}

/**
 * After a long run that became faster and faster, or after a long pause, hardly a call is let through: the window is
 * still full of that run.
 */
function exhaustedWindow(state: RateState, { calls }: Stretch, calledAt: number): RateState | undefined {
  const { long } = state.past;
  const { perSecond } = state.pace;
  if (long.perSecond === 0 || calls >= HARDLY_ANY_CALLS) return undefined;
  const isShortPause = state.pause.orderedMs <= long.pauseMs / SHORT_PAUSE_PART;
  if (isShortPause ? perSecond <= long.perSecond : perSecond >= NEAR_LONG_RUN * long.perSecond) return undefined;
  const pace = {
    perSecond: WHILE_FULL * perSecond,
    sustained: LONG_RUN_SUSTAINED * long.perSecond,
    refused: LONG_RUN_REFUSED * long.perSecond,
  };
  return { ...withPace(state, pace), limit: { kind: 'window', lengthMs: long.ms, since: calledAt } };
}

/**
 * The same number of calls in another time: the number is limited, over more than this time and less than this time with
 * the pause.
 */
function countedWindow(state: RateState, { calls, ms }: Stretch, calledAt: number): RateState | undefined {
  const { last } = state.past;
  const differenceMs = Math.abs(ms - last.ms);
  const differenceCalls = (differenceMs / 1_000) * state.pace.perSecond;
  if (calls < LEAST_COUNTED_CALLS || calls !== last.calls || differenceCalls <= LEAST_DIFFERENCE_CALLS)
    return undefined;
  const lengthMs = ms + state.pause.orderedMs;
  const sustained = (calls / lengthMs) * 1_000;
  const refused = (calls / Math.max(ms, last.ms)) * 1_000;
  return {
    ...withPace(state, { perSecond: sustained, sustained, refused }),
    limit: { kind: 'window', lengthMs, since: calledAt },
  };
}

/**
 * The ordered pause did not do, so the limit looks further back. It lets through as many calls as there were, in less
 * than `runMs` and in more than the time until the last refusal.
 */
export function recogniseWindowByPauses(
  { run, pause }: RateState,
  next: RateState,
  bounds: RateBounds,
  now: number,
): RateState {
  const runMs = now - run.startedAt;
  const sustained = (run.calls / runMs) * 1_000;
  const refused = (run.calls / (pause.lastRefusalAt - run.startedAt)) * 1_000;
  const perSecond = withinBounds((sustained + refused) / 2, bounds);
  return {
    ...withPace(next, { perSecond, sustained, refused, holdUntil: 0 }),
    run: { ...next.run, startPace: perSecond },
    limit: { kind: 'window', lengthMs: runMs, since: now },
  };
}

/** At first a window has not let go of what was sent before it was known. */
export function isStillFull({ lengthMs, since }: Window, calledAt: number): boolean {
  return calledAt < since + LENGTHS_UNTIL_EMPTY * lengthMs;
}

export function paceForFullWindow({ pace }: RateState): Partial<Pace> {
  return {
    perSecond: WHILE_FULL * pace.perSecond,
    sustained: STILL_TOO_HIGH * pace.sustained,
    refused: STILL_TOO_HIGH * pace.refused,
  };
}

/**
 * What the run before a pause that was long enough hints at. A run of too few calls says nothing: the hint of before
 * stays.
 */
export function hintOfWindow({ run, pause, past }: RateState, now: number): LongRun {
  const ms = now - run.startedAt;
  const perSecond = (run.calls / ms) * 1_000;
  const becameFaster = run.calls >= LONG_RUN_CALLS && perSecond < BECAME_FASTER * pause.paceBefore;
  if (becameFaster || (pause.keptMs >= LONG_PAUSE_MS && run.calls >= RUN_CALLS))
    return { perSecond, ms, pauseMs: pause.keptMs };
  return run.calls >= RUN_CALLS ? NO_LONG_RUN : past.long;
}
