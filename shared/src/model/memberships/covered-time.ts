import { DateTime, Duration } from 'luxon';
import { LIFETIME } from '../plans/plan.ts';
import type { Grant } from './grant.ts';

// The fold of grants into time, without I/O. It depends on the set of grants alone, never on the order in which they
// were heard of.

export interface FoldRules {
  /** IANA name, of the community: in it a month is counted and a day is long. */
  readonly timeZone: string;
  /** Whether an open dispute takes the grant away until it is closed. */
  readonly disputeSuspends: boolean;
}

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

/** @param revokedAt - An operator took away all that had been given until then. */
export function foldGrants(grants: readonly Grant[], revokedAt: string | undefined, rules: FoldRules): Fold {
  const valid: Grant[] = [];
  let voided: Void | undefined = revokedAt === undefined ? undefined : { at: revokedAt, reason: 'revoked' };
  const inOrder = grants.toSorted(byTime);
  for (const grant of inOrder) {
    const taken = voidOf(grant, revokedAt, rules);
    if (taken === undefined) valid.push(grant);
    else if (voided === undefined || taken.at > voided.at) voided = taken;
  }
  const isPurchase = ({ kind }: Grant): boolean => kind === 'purchase';
  const purchase = valid.findLast(isPurchase) ?? inOrder.findLast(isPurchase);
  return { covered: coveredBy(valid, rules.timeZone), voided, purchase };
}

function voidOf(grant: Grant, revokedAt: string | undefined, { disputeSuspends }: FoldRules): Void | undefined {
  const refund = grant.refunds?.find(({ amount }) => amount === undefined);
  if (refund !== undefined) return { at: refund.at, reason: 'refunded' };
  const { dispute } = grant;
  if (dispute?.state === 'lost' || (dispute?.state === 'open' && disputeSuspends))
    return { at: dispute.at, reason: 'disputed' };
  return revokedAt !== undefined && grant.from <= revokedAt ? { at: revokedAt, reason: 'revoked' } : undefined;
}

function byTime(one: Grant, other: Grant): number {
  if (one.from !== other.from) return one.from < other.from ? -1 : 1;
  return one.grantId < other.grantId ? -1 : 1;
}

/** Periods of one kind that follow each other are counted from one anchor: 31 January, end of February, 31 March. */
interface Run {
  readonly kind: 'calendar' | 'days';
  readonly anchorMs: number;
  readonly length: Duration;
}

interface Stretch {
  readonly startMs: number;
  endMs: number;
  run: Run | undefined;
  last: Grant;
}

function coveredBy(grants: readonly Grant[], timeZone: string): CoveredTime | undefined {
  let stretch: Stretch | undefined;
  for (const grant of grants) {
    const fromMs = Date.parse(grant.from);
    if (stretch === undefined || fromMs > stretch.endMs)
      stretch = { startMs: fromMs, endMs: fromMs, run: undefined, last: grant };
    lengthen(stretch, grant, timeZone);
  }
  return stretch === undefined
    ? undefined
    : { startsAt: iso(stretch.startMs), endsAt: finite(stretch.endMs), last: stretch.last };
}

function lengthen(stretch: Stretch, grant: Grant, timeZone: string): void {
  const { endsAt, period = LIFETIME } = grant;
  if (endsAt !== undefined) {
    const endMs = Date.parse(endsAt);
    if (endMs <= stretch.endMs) return;
    stretch.endMs = endMs;
    stretch.run = undefined;
  } else if (period === LIFETIME) {
    stretch.endMs = Infinity;
    stretch.run = undefined;
  } else if (stretch.endMs !== Infinity) {
    stretch.run = longer(stretch.run, Duration.fromISO(period), stretch.endMs);
    stretch.endMs = DateTime.fromMillis(stretch.run.anchorMs, { zone: timeZone }).plus(stretch.run.length).toMillis();
  }
  stretch.last = grant;
}

function longer(run: Run | undefined, period: Duration, endMs: number): Run {
  const kind = period.years !== 0 || period.months !== 0 ? 'calendar' : 'days';
  return run?.kind === kind ? { ...run, length: run.length.plus(period) } : { kind, anchorMs: endMs, length: period };
}

function finite(ms: number): string | undefined {
  return ms === Infinity ? undefined : iso(ms);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
