import { BUCKET, type RateState } from './rate-state.ts';

// The stored form of what was learned: `learned` of a `bot_rates` document. Its names are those of the first version, so
// that an earlier version reads what this one writes. The pause is stored beside it.

type Learned = Readonly<Record<string, number>>;

/** `aheadMs`: how far the clock that the document goes by is ahead of the pacer's time. */
export function storedRate({ pace, pause, run, past, limit, quota }: RateState, aheadMs: number): Learned {
  const time = (atMs: number): number => (atMs === 0 ? 0 : atMs + aheadMs);
  return {
    perSecond: pace.perSecond,
    sustained: pace.sustained,
    refusedPace: pace.refused,
    windowMs: limit.kind === 'window' ? limit.lengthMs : 0,
    windowSince: limit.kind === 'window' ? time(limit.since) : 0,
    costMs: pause.costMs,
    refusals: pause.refusals,
    lastRefusalAt: time(pause.lastRefusalAt),
    toldMs: pause.orderedMs,
    silenceMs: pause.keptMs,
    paceBefore: pause.paceBefore,
    cycleStart: time(run.startedAt),
    cycleCalls: run.calls,
    cyclePace: run.startPace,
    restMs: run.pauseBeforeMs,
    lastCycleCalls: past.last.calls,
    lastCycleMs: past.last.ms,
    quickCalls: past.quick.calls,
    quickMs: past.quick.ms,
    longRun: past.long.perSecond,
    longRunMs: past.long.ms,
    longRunStopMs: past.long.pauseMs,
    stepStart: time(pace.since),
    stepCalls: pace.calls,
    growth: pace.growth,
    holdUntil: time(pace.holdUntil),
    quotaStart: time(quota.startedAt),
    quotaCalls: quota.calls,
    quotaSize: quota.size,
    quotaLeastMs: quota.leastMs,
  };
}

/** Without a pause, which is stored elsewhere. Undefined when a number is missing: what another version has stored counts only when it is complete. */
export function rateFromStored(learned: Learned, aheadMs: number): RateState | undefined {
  const missing: string[] = [];
  const value = (name: string): number => {
    const stored = learned[name];
    if (stored !== undefined && Number.isFinite(stored)) return stored;
    missing.push(name);
    return 0;
  };
  const time = (name: string): number => (value(name) === 0 ? 0 : value(name) - aheadMs);
  const windowMs = value('windowMs');
  const windowSince = time('windowSince');
  const state: RateState = {
    pace: {
      perSecond: value('perSecond'),
      sustained: value('sustained'),
      refused: value('refusedPace'),
      since: time('stepStart'),
      calls: value('stepCalls'),
      growth: value('growth'),
      holdUntil: time('holdUntil'),
    },
    pause: {
      until: 0,
      refusals: value('refusals'),
      lastRefusalAt: time('lastRefusalAt'),
      orderedMs: value('toldMs'),
      keptMs: value('silenceMs'),
      paceBefore: value('paceBefore'),
      costMs: value('costMs'),
    },
    run: {
      startedAt: time('cycleStart'),
      calls: value('cycleCalls'),
      startPace: value('cyclePace'),
      pauseBeforeMs: value('restMs'),
    },
    past: {
      last: { calls: value('lastCycleCalls'), ms: value('lastCycleMs') },
      quick: { calls: value('quickCalls'), ms: value('quickMs') },
      long: { perSecond: value('longRun'), ms: value('longRunMs'), pauseMs: value('longRunStopMs') },
    },
    limit: windowMs > 0 ? { kind: 'window', lengthMs: windowMs, since: windowSince } : BUCKET,
    quota: {
      startedAt: time('quotaStart'),
      calls: value('quotaCalls'),
      size: value('quotaSize'),
      leastMs: value('quotaLeastMs'),
    },
  };
  return missing.length === 0 ? state : undefined;
}
