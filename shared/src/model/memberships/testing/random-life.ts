import fc from 'fast-check';
import { moved, presenceSeen, removalAnswered, removalAsked } from '../account-life.ts';
import { foldGrants } from '../covered-time.ts';
import { effectsDone } from '../due-times.ts';
import { extension } from '../given-grants.ts';
import type { Grant } from '../grant.ts';
import { cameByLink } from '../membership-entry.ts';
import { cancelled, exempted, extended, takenBack } from '../changes-by-operators.ts';
import { newMembership, purchased, purchaseNoted } from '../membership-life.ts';
import type { Effect } from '../membership-effect.ts';
import { isEnded, membershipIdOf, type Membership } from '../membership.ts';
import { purchaseGrant, withRefund } from '../purchase-grants.ts';
import type { MembershipRules } from '../standing.ts';
import { stepped } from '../steps.ts';

export const START_MS = Date.UTC(2027, 9, 1, 10);
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A membership, all that it was made of, and all that it has told and done. */
export interface Lived {
  readonly known: Membership;
  readonly grants: readonly Grant[];
  readonly nowMs: number;
  readonly done: readonly Effect[];
}

export const iso = (ms: number): string => new Date(ms).toISOString();

export const unborn: Lived = {
  known: newMembership(
    { membershipId: membershipIdOf('gold', { userId: 'u' }), communityId: 'gold', userId: 'u' },
    START_MS,
  ),
  grants: [],
  nowMs: START_MS,
  done: [],
};

/** One thing that happens to it; where it cannot, nothing does. */
export type Move = (lived: Lived, rules: MembershipRules) => Lived;

const to = (lived: Lived, known: Membership, grants = lived.grants): Lived => ({ ...lived, known, grants });

function fold({ known }: Lived, grants: readonly Grant[], rules: MembershipRules): ReturnType<typeof foldGrants> {
  return foldGrants(grants, known.revokedAt, rules);
}

/** `agoMs`: its event was on the way for so long. */
function buy(period: string | undefined, endsInMs: number | undefined, agoMs: number, telegramUserId?: string): Move {
  return (lived, rules) => {
    const { known, nowMs } = lived;
    const data = {
      requestId: `r${lived.grants.length}`,
      userId: 'u',
      transactionId: 't',
      communityId: 'gold',
      ...(period === undefined ? {} : { period }),
      ...(endsInMs === undefined ? {} : { endsAt: iso(nowMs + endsInMs) }),
    };
    const grant = purchaseGrant({ time: iso(nowMs - agoMs), data }, known.membershipId, undefined, nowMs);
    const grants = [...lived.grants, grant];
    return to(lived, purchased(known, { grant, telegramUserId }, fold(lived, grants, rules), rules, nowMs), grants);
  };
}

function refund(index: number): Move {
  return (lived, rules) => {
    const { known, nowMs } = lived;
    const grant = lived.grants[index];
    if (grant === undefined) return lived;
    const refunded = withRefund(grant, { refundId: 'all', at: iso(nowMs) });
    const grants = lived.grants.map((each) => (each === grant ? refunded : each));
    const why = { what: 'refunded' };
    return to(lived, purchaseNoted(known, refunded, fold(lived, grants, rules), why, rules, nowMs), grants);
  };
}

function extend(period: string): Move {
  return (lived, rules) => {
    const { known, nowMs } = lived;
    const grant = extension(known, lived.grants, { grantId: `x${lived.grants.length}`, period }, nowMs);
    const grants = [...lived.grants, grant];
    return to(lived, extended(known, fold(lived, grants, rules), 'ada', rules, nowMs), grants);
  };
}

const revoke: Move = (lived, rules) => {
  const at = iso(lived.nowMs);
  const why = { at, reason: 'abuse', by: 'ada' };
  return to(lived, takenBack(lived.known, why, foldGrants(lived.grants, at, rules), rules, lived.nowMs));
};

/** What a transition alone does. */
const change =
  (of: (known: Membership, rules: MembershipRules, nowMs: number) => Membership): Move =>
  (lived, rules) =>
    to(lived, of(lived.known, rules, lived.nowMs));

const cancel = change((known, rules, nowMs) => (isEnded(known) ? known : cancelled(known, 'ada', rules, nowMs)));
const exempt = (yes: boolean): Move => change((known, rules, nowMs) => exempted(known, yes, 'ada', rules, nowMs));
const come = (telegramUserId: string): Move =>
  change((known, rules, nowMs) =>
    cameByLink(
      known,
      {
        telegramUserId,
        requestId: known.requestId ?? 'r0',
        at: iso(nowMs),
        otherRequests: [],
        revokesLink: true,
        removesStrangers: true,
      },
      rules,
      nowMs,
    ),
  );
const leave = (departure: 'left' | 'kicked' | 'removed'): Move =>
  change((known, rules, nowMs) =>
    known.telegramUserId === undefined
      ? known
      : presenceSeen(known, { presence: 'outside', at: iso(nowMs), departure, hasLeft: true }, rules, nowMs),
  );
const answer = (problem: string | undefined): Move =>
  change((known, rules, nowMs) =>
    removalAnswered(known, { telegramUserId: known.telegramUserId ?? '', at: iso(nowMs), problem }, rules, nowMs),
  );
const moveTo = (telegramUserId: string): Move =>
  change((known, rules, nowMs) => (isEnded(known) ? known : moved(known, telegramUserId, 'ada', rules, nowMs)));

/** All that it has brought about is told and done. */
export const settle: Move = (lived, rules) => {
  const { known, nowMs, done } = lived;
  return { ...lived, known: effectsDone(known, known.effects, rules, nowMs), done: [...done, ...known.effects] };
};

export const tick = change(stepped);

/** A tick comes in that moment, unless it is late. */
const wait =
  (byMs: number, ticks: boolean): Move =>
  (lived, rules) => {
    const later = { ...lived, nowMs: lived.nowMs + byMs };
    return ticks ? tick(later, rules) : later;
  };

/** The next tick that has something to do, and a clock that is then set back. */
const waitUntilDue: Move = (lived, rules) => {
  const dueMs = Date.parse(lived.known.dueAt ?? iso(lived.nowMs));
  return tick({ ...lived, nowMs: Math.max(lived.nowMs, dueMs) }, rules);
};
const setBack: Move = wait(-HOUR_MS, true);

const period = fc.constantFrom('P1M', 'P30D', 'P7D', 'P1D', 'PT2H', 'lifetime');
const account = fc.constantFrom('1', '2');
const days = fc.integer({ min: -3, max: 20 }).map((count) => count * DAY_MS);

/** Printed by its name when a property fails. */
function named(name: string, of: Move): { readonly of: Move; toString(): string } {
  return { of, toString: () => name };
}

export type NamedMove = ReturnType<typeof named>;

export const move: fc.Arbitrary<NamedMove> = fc.oneof(
  { weight: 3, arbitrary: period.map((each) => named(`buy ${each}`, buy(each, undefined, 0))) },
  fc.tuple(period, days).map(([each, ms]) => named(`buy ${each} until ${ms}`, buy(each, ms, 0, '1'))),
  fc.tuple(period, days).map(([each, ms]) => named(`buy ${each} late by ${ms}`, buy(each, undefined, Math.abs(ms)))),
  fc.integer({ min: 0, max: 4 }).map((index) => named(`refund ${index}`, refund(index))),
  period.map((each) => named(`extend ${each}`, extend(each))),
  fc.constantFrom(
    named('revoke', revoke),
    named('cancel', cancel),
    named('exempt', exempt(true)),
    named('not exempt', exempt(false)),
    named('asked', change(removalAsked)),
    named('removed', answer(undefined)),
    named('impossible', answer('owner')),
    named('left', leave('left')),
    named('kicked', leave('kicked')),
    named('seen removed', leave('removed')),
  ),
  account.map((each) => named(`come ${each}`, come(each))),
  account.map((each) => named(`move to ${each}`, moveTo(each))),
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      named('tick', tick),
      named('settle', settle),
      named('wait until due', waitUntilDue),
      named('set back', setBack),
    ),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.oneof(fc.constantFrom(-HOUR_MS, HOUR_MS), fc.integer({ min: 0, max: 40 * DAY_MS })), fc.boolean())
      .map(([ms, ticks]) => named(`wait ${ms}${ticks ? ' and tick' : ''}`, wait(ms, ticks))),
  },
);

export const someRules: fc.Arbitrary<MembershipRules> = fc.record({
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
  grace: fc.constantFrom(undefined, 'P3D'),
  reminders: fc.constantFrom(undefined, ['P7D', 'P1D'], ['PT1H', 'P3D', 'P1D']),
  removal: fc.constantFrom('on' as const, 'on' as const, 'dry_run' as const, 'off' as const),
  eraseAfter: fc.constantFrom(undefined, 'P30D'),
});
