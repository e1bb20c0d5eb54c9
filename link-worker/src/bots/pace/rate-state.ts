/** Between which paces, in calls per second, the limit is looked for. */
export interface RateBounds {
  /** False: `startPerSecond` for good, however often a call is refused. */
  readonly adaptive: boolean;
  readonly startPerSecond: number;
  readonly floorPerSecond: number;
  readonly ceilingPerSecond: number;
}

/**
 * All that is known of the limit of one bot for one kind of call. Times are in milliseconds, of the machine's clock.
 * Where a number has no value yet, it is 0.
 */
export interface RateState {
  readonly pace: Pace;
  readonly pause: Pause;
  readonly run: Run;
  /** The earlier runs that tell one kind of limit from another. */
  readonly past: PastRuns;
  readonly limit: Limit;
  readonly quota: Quota;
}

export interface Pace {
  /** Calls per second now. */
  readonly perSecond: number;
  /** The highest pace that was kept up long enough to be believed. */
  readonly sustained: number;
  /** The lowest pace that was refused and still counts. The limit is between the two. */
  readonly refused: number;
  /** Since when the present pace is kept up, and with how many calls. */
  readonly since: number;
  readonly calls: number;
  /** By how much the next step beyond every known limit goes. */
  readonly growth: number;
  /** No probe before this. */
  readonly holdUntil: number;
}

export interface Pause {
  /** No call before this. */
  readonly until: number;
  /** Refusals in a row, without an accepted call between them. */
  readonly refusals: number;
  readonly lastRefusalAt: number;
  /** What the last refusal ordered, and what is kept: the same or longer. */
  readonly orderedMs: number;
  readonly keptMs: number;
  /** The pace when the first of the refusals came. */
  readonly paceBefore: number;
  /** What a refusal costs: the geometric mean of the ordered pauses, of which newer ones count more. */
  readonly costMs: number;
}

/** From the first accepted call after a pause to the next one. */
export interface Run {
  readonly startedAt: number;
  readonly calls: number;
  /** The pace at its start. */
  readonly startPace: number;
  /** The pause before it. */
  readonly pauseBeforeMs: number;
}

export interface PastRuns {
  /** The last one, until its first refusal. */
  readonly last: Stretch;
  /** The shortest one of late: most of it was burst. */
  readonly quick: Stretch;
  /** One that hints at a window. */
  readonly long: LongRun;
}

export interface Stretch {
  readonly calls: number;
  readonly ms: number;
}

export interface LongRun {
  /** Its calls per second, with the pause counted in. */
  readonly perSecond: number;
  /** Its length, with the pause, and that of the pause. */
  readonly ms: number;
  readonly pauseMs: number;
}

/** What the limit is taken for: a bucket with a burst, until something shows that it is a window. */
export type Limit = Bucket | Window;

export interface Bucket {
  readonly kind: 'bucket';
}

/** The limit counts the calls of about so long, which is known since `since`. */
export interface Window {
  readonly kind: 'window';
  readonly lengthMs: number;
  readonly since: number;
}

/** A limit over many hours, beside the one of the pace. */
export interface Quota {
  /** The start of its period, and the calls since. */
  readonly startedAt: number;
  readonly calls: number;
  /** The calls of the last period, and its least length. */
  readonly size: number;
  readonly leastMs: number;
}

export const BUCKET: Bucket = { kind: 'bucket' };
export const NO_LONG_RUN: LongRun = { perSecond: 0, ms: 0, pauseMs: 0 };
const NO_STRETCH: Stretch = { calls: 0, ms: 0 };

export function unknownRate({ startPerSecond }: RateBounds, now: number): RateState {
  return {
    pace: { perSecond: startPerSecond, sustained: 0, refused: 0, since: now, calls: 0, growth: 0, holdUntil: 0 },
    pause: { until: 0, refusals: 0, lastRefusalAt: 0, orderedMs: 0, keptMs: 0, paceBefore: startPerSecond, costMs: 0 },
    run: { startedAt: now, calls: 0, startPace: startPerSecond, pauseBeforeMs: 0 },
    past: { last: NO_STRETCH, quick: NO_STRETCH, long: NO_LONG_RUN },
    limit: BUCKET,
    quota: { startedAt: now, calls: 0, size: 0, leastMs: 0 },
  };
}

export function withPace(state: RateState, pace: Partial<Pace>): RateState {
  return { ...state, pace: { ...state.pace, ...pace } };
}

export function withPause(state: RateState, pause: Partial<Pause>): RateState {
  return { ...state, pause: { ...state.pause, ...pause } };
}

export function withinBounds(
  perSecond: number,
  { floorPerSecond, ceilingPerSecond }: Pick<RateBounds, 'floorPerSecond' | 'ceilingPerSecond'>,
): number {
  return Math.min(ceilingPerSecond, Math.max(floorPerSecond, perSecond));
}
