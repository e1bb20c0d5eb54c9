import { DateTime, Duration } from 'luxon';
import type { CommunitySettings } from '../communities/community.ts';
import { LIFETIME } from '../plans/plan.ts';
import type { Grant } from './grant.ts';

// The fold of grants into time, without I/O. It depends on the set of grants alone, never on the order in which they
// were heard of.

/** Time that is paid for, without a gap. */
export interface CoveredTime {
  readonly startsAt: string;
  /** Undefined: no end. */
  readonly endsAt: string | undefined;
  /** The grant that reaches furthest. */
  readonly last: Grant;
}

/** Since when and why a grant gives nothing any more. */
export interface Void {
  readonly at: string;
  readonly reason: 'refunded' | 'disputed' | 'revoked';
}

export interface Fold {
  /** The last stretch that is paid for; undefined when nothing is. */
  readonly covered: CoveredTime | undefined;
  /** The latest of what was taken back. */
  readonly voided: Void | undefined;
  /** The newest purchase that counts, else the newest: the person comes in by its link. */
  readonly purchase: Grant | undefined;
}

/**
 * @param revokedAt - An operator took away all that had been given until then.
 * @param rules - In the time zone of the community a month is counted and a day is long.
 */
export function foldGrants(
  grants: readonly Grant[],
  revokedAt: string | undefined,
  { timeZone }: Pick<CommunitySettings, 'timeZone'>,
): Fold {
  const valid: Grant[] = [];
  let voided: Void | undefined = revokedAt === undefined ? undefined : { at: revokedAt, reason: 'revoked' };
  const inOrder = grants.toSorted(byTime);
  for (const grant of inOrder) {
    const taken = voidOf(grant, revokedAt);
    if (taken === undefined) valid.push(grant);
    else if (voided === undefined || taken.at > voided.at) voided = taken;
  }
  const isPurchase = ({ kind }: Grant): boolean => kind === 'purchase';
  const purchase = valid.findLast(isPurchase) ?? inOrder.findLast(isPurchase);
  return { covered: coveredBy(valid, timeZone), voided, purchase };
}

function voidOf({ refunds = [], dispute, from }: Grant, revokedAt: string | undefined): Void | undefined {
  const [refund] = refunds
    .filter(({ amount }) => amount === undefined)
    .toSorted((one, other) => compare(one.at, other.at));
  if (refund !== undefined) return { at: refund.at, reason: 'refunded' };
  if (dispute?.state === 'lost' || (dispute?.state === 'open' && dispute.suspends))
    return { at: dispute.at, reason: 'disputed' };
  return revokedAt !== undefined && from <= revokedAt ? { at: revokedAt, reason: 'revoked' } : undefined;
}

function byTime(one: Grant, other: Grant): number {
  return compare(startOf(one), startOf(other)) || compare(one.grantId, other.grantId);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** What was over when it was given does not start after its end. */
function startOf({ from, endsAt }: Grant): string {
  return endsAt !== undefined && endsAt < from ? endsAt : from;
}

/** Periods of one kind that follow each other are counted from one anchor: 31 January, end of February, 31 March. */
interface Run {
  readonly kind: 'calendar' | 'days';
  readonly anchorMs: number;
  readonly length: Duration;
}

interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
  /** Undefined: its end was given. */
  readonly run: Run | undefined;
  readonly last: Grant;
}

function coveredBy(grants: readonly Grant[], timeZone: string): CoveredTime | undefined {
  let stretch: Stretch | undefined;
  for (const grant of grants) {
    const startMs = Date.parse(startOf(grant));
    if (stretch === undefined || startMs > stretch.endMs)
      stretch = { startMs, endMs: startMs, run: undefined, last: grant };
    const longer: Pick<Stretch, 'endMs' | 'run'> = lengthened(stretch, grant, timeZone);
    if (longer.endMs > stretch.endMs) stretch = { ...stretch, ...longer, last: grant };
  }
  return stretch === undefined
    ? undefined
    : { startsAt: iso(stretch.startMs), endsAt: finite(stretch.endMs), last: stretch.last };
}

function lengthened(
  { endMs, run }: Stretch,
  { endsAt, period = LIFETIME }: Grant,
  timeZone: string,
): Pick<Stretch, 'endMs' | 'run'> {
  if (endsAt !== undefined) return { endMs: Date.parse(endsAt), run: undefined };
  if (period === LIFETIME || endMs === Infinity) return { endMs: Infinity, run: undefined };
  const longer = longerRun(run, Duration.fromISO(period), endMs);
  const untilMs = DateTime.fromMillis(longer.anchorMs, { zone: timeZone }).plus(longer.length).toMillis();
  return { endMs: untilMs <= LAST_MS ? untilMs : Infinity, run: longer };
}

/** Times are compared as texts, and later ones have longer years. What reaches further has no end. */
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

function longerRun(run: Run | undefined, period: Duration, endMs: number): Run {
  const kind = period.years !== 0 || period.months !== 0 ? 'calendar' : 'days';
  return run?.kind === kind ? { ...run, length: run.length.plus(period) } : { kind, anchorMs: endMs, length: period };
}

function finite(ms: number): string | undefined {
  return ms === Infinity ? undefined : iso(ms);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
