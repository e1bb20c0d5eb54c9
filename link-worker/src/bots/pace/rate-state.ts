/** Between which paces, in calls per second, the limit is looked for. */
export interface RateBounds {
  /** False: `startPerSecond` for good, whatever is refused. */
  readonly adaptive: boolean;
  readonly startPerSecond: number;
  readonly floorPerSecond: number;
  readonly ceilingPerSecond: number;
}

/**
 * All that is known of the limit of one bot. Numbers only, times in milliseconds; they are stored as those of the
 * machine's clock.
 */
export interface RateState {
  /** Calls per second now. */
  readonly perSecond: number;
  /** The highest pace that was kept up long enough to be believed; 0 = none yet. */
  readonly sustained: number;
  /** The lowest pace that was refused; 0 = none that still counts. The limit is between the two. */
  readonly refusedPace: number;
  /** The limit counts over about so long, and since when that is known; 0 = not recognised. */
  readonly windowMs: number;
  readonly windowSince: number;
  /** What a refusal costs in silence: the geometric mean of what was ordered, newer ones counting more. */
  readonly costMs: number;

  /** No call before this. */
  readonly pausedUntil: number;
  /** Refusals in a row, without an accepted call between them. */
  readonly refusals: number;
  readonly lastRefusalAt: number;
  /** The silence that the last one ordered, and the one that was kept. */
  readonly toldMs: number;
  readonly silenceMs: number;
  /** The pace when the first of them came. */
  readonly paceBefore: number;

  // A cycle goes from the first accepted call after a stop to the next one.
  readonly cycleStart: number;
  readonly cycleCalls: number;
  /** The pace at its start, and the stop before it; 0 = there was none. */
  readonly cyclePace: number;
  readonly restMs: number;
  /** The one before: calls, and time until it was refused. */
  readonly lastCycleCalls: number;
  readonly lastCycleMs: number;
  /** The shortest one of late: most of it was burst. */
  readonly quickCalls: number;
  readonly quickMs: number;
  /** One that hints at a window: its calls per second with the stop counted in, its length, and that of the stop. */
  readonly longRun: number;
  readonly longRunMs: number;
  readonly longRunStopMs: number;

  /** Since when the present pace is kept up, and with how many calls. */
  readonly stepStart: number;
  readonly stepCalls: number;
  /** By how much the next step beyond every known limit goes. */
  readonly growth: number;
  /** No probe before this. */
  readonly holdUntil: number;

  /**
   * A quota over hours: the start of its period and the calls since; the size of the last one, and its least length.
   */
  readonly quotaStart: number;
  readonly quotaCalls: number;
  readonly quotaSize: number;
  readonly quotaLeastMs: number;
}

export function unknownRate({ startPerSecond }: RateBounds, now: number): RateState {
  return {
    perSecond: startPerSecond,
    sustained: 0,
    refusedPace: 0,
    windowMs: 0,
    windowSince: 0,
    costMs: 0,
    pausedUntil: 0,
    refusals: 0,
    lastRefusalAt: 0,
    toldMs: 0,
    silenceMs: 0,
    paceBefore: startPerSecond,
    cycleStart: now,
    cycleCalls: 0,
    cyclePace: startPerSecond,
    restMs: 0,
    lastCycleCalls: 0,
    lastCycleMs: 0,
    quickCalls: 0,
    quickMs: 0,
    longRun: 0,
    longRunMs: 0,
    longRunStopMs: 0,
    stepStart: now,
    stepCalls: 0,
    growth: 0,
    holdUntil: 0,
    quotaStart: now,
    quotaCalls: 0,
    quotaSize: 0,
    quotaLeastMs: 0,
  };
}

/** Those that are times; 0 stands for none. */
const TIMES = [
  'pausedUntil',
  'windowSince',
  'lastRefusalAt',
  'cycleStart',
  'stepStart',
  'holdUntil',
  'quotaStart',
] as const satisfies readonly (keyof RateState)[];

/** The same, told by a clock that is ahead by so much. */
export function shiftedBy(state: RateState, aheadMs: number): RateState {
  if (aheadMs === 0) return state;
  const times = TIMES.map((name) => [name, state[name] === 0 ? 0 : state[name] + aheadMs]);
  return { ...state, ...(Object.fromEntries(times) as Pick<RateState, (typeof TIMES)[number]>) };
}

export function withinBounds(
  perSecond: number,
  { floorPerSecond, ceilingPerSecond }: Pick<RateBounds, 'floorPerSecond' | 'ceilingPerSecond'>,
): number {
  return Math.min(ceilingPerSecond, Math.max(floorPerSecond, perSecond));
}
