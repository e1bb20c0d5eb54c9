import { describe, expect, test } from '@jest/globals';
import { foldGrants } from './covered-time.ts';
import type { Grant } from './grant.ts';
import { cancelled } from './changes-by-operators.ts';
import { newMembership, withFold } from './membership-life.ts';
import { presenceSeen } from './account-life.ts';
import { stepped } from './steps.ts';
import type { MembershipRules } from './standing.ts';
import type { MembershipEventType, MembershipFacts } from './membership-event-types.ts';
import type { Membership, OpenMembership } from './membership.ts';
import { isStillSo } from './still-so.ts';

const rules: MembershipRules = { timeZone: 'UTC', removal: 'off', grace: 'P3D', reminders: ['P7D', 'P1D'] };
const START = Date.parse('2026-01-01T00:00:00.000Z');
const DAY_MS = 24 * 3_600_000;

interface Moment {
  readonly membership: Membership;
  readonly nowMs: number;
}

function bought(known: Membership, from: string, day: number): Moment {
  const nowMs = START + day * DAY_MS;
  const grant: Grant = {
    grantId: from,
    kind: 'purchase',
    membershipId: 'm1',
    communityId: 'gold',
    userId: 'u1',
    transactionId: '',
    period: 'P30D',
    from,
    createdAt: from,
  };
  const fold = foldGrants([grant], undefined, { timeZone: 'UTC' });
  return { membership: withFold(known, fold, { what: 'bought' }, rules, nowMs), nowMs };
}

function after({ membership }: Moment, day: number): Moment {
  const nowMs = START + day * DAY_MS;
  return { membership: stepped(membership, rules, nowMs), nowMs };
}

const nobody = newMembership({ membershipId: 'm1', communityId: 'gold', userId: 'u1' }, START);
const start = bought(nobody, '2026-01-01T00:00:00.000Z', 0);
const week = after(start, 23);
const day = after(week, 29);
const grace = after(day, 30);
const end = after(grace, 33);
const back = bought(end.membership, '2026-02-10T00:00:00.000Z', 40);
const LIFE = { start, week, day, grace, end, back };

/** The event that was told last at that moment. */
function lastEvent({ membership }: Moment): { type: MembershipEventType; time: string; data: MembershipFacts } {
  const event = membership.effects.findLast((effect) => effect.kind === 'publish');
  if (event === undefined) throw new Error('Nothing was told');
  return { type: event.type, time: event.time, data: event.facts };
}

describe('an event of a life that goes from its start to its end and begins anew', () => {
  test.each([
    ['start', 'MembershipStarted', ['start', 'week', 'day', 'grace', 'back']],
    ['week', 'MembershipExpiring', ['week']],
    ['day', 'MembershipExpiring', ['day']],
    ['grace', 'MembershipGraceStarted', ['grace']],
    ['end', 'MembershipExpired', ['end']],
    ['back', 'MembershipRenewed', ['back']],
  ] as const)('of the moment "%s" (%s) is still so at: %j', (at, type, moments) => {
    const event = lastEvent(LIFE[at]);
    expect(event.type).toBe(type);
    const names = Object.keys(LIFE) as (keyof typeof LIFE)[];
    const fromThen = names.slice(names.indexOf(at));
    const still = fromThen.filter((name) => isStillSo(type, event, LIFE[name].membership, LIFE[name].nowMs));
    expect(still).toEqual(moments);
  });

  test('no "expiring" is told after the end, also when the membership has not been looked at since', () => {
    const event = lastEvent(day);
    expect(isStillSo('MembershipExpiring', event, day.membership, grace.nowMs)).toBe(false);
  });

  test('a cancellation is told until more time is bought', () => {
    const gone = cancelled(start.membership as OpenMembership, 'ada', rules, START + DAY_MS);
    const event = lastEvent({ membership: gone, nowMs: 0 });
    const stays = bought(gone, '2026-02-10T00:00:00.000Z', 2).membership;
    expect([gone, stays].map((each) => isStillSo('MembershipCancelled', event, each, START))).toEqual([true, false]);
  });
});

describe('where a person is', () => {
  const seen = (known: Membership, presence: 'inside' | 'outside', at: string): Membership =>
    presenceSeen(known, { presence, at }, rules, Date.parse(at));
  const bound = { ...start.membership, telegramUserId: '7' };
  const inside = seen(bound, 'inside', '2026-01-02T00:00:00.000Z');
  const left = seen(inside, 'outside', '2026-01-03T00:00:00.000Z');
  const returned = seen(left, 'inside', '2026-01-04T00:00:00.000Z');
  const of = (telegramUserId: string): { time: string; data: MembershipFacts } => ({
    time: '2026-01-03T00:00:00.500Z',
    data: { membershipId: 'm1', communityId: 'gold', userId: 'u1', telegramUserId },
  });

  test.each([
    ['MemberLeft', '7', [false, true, false]],
    ['MemberRejoined', '7', [true, false, true]],
    // That of a removal may be told before the membership knows of it.
    ['MemberRemoved', '7', [true, true, false]],
    ['MemberRemoved', '8', [true, true, true]],
    ['JoinRequestDeclined', '7', [true, true, false]],
    ['LinkExpiredUnused', '7', [false, true, false]],
    ['RemovalFailed', '7', [true, true, true]],
  ] as const)('%s of the account %s is told while inside, gone, and back: %j', (type, account, told) => {
    expect([inside, left, returned].map((each) => isStillSo(type, of(account), each, START))).toEqual(told);
  });
});

test('that a link expired unused is not told when another one lets in meanwhile', () => {
  const { membership } = start;
  const data: MembershipFacts = { membershipId: 'm1', communityId: 'gold', userId: 'u1' };
  const link = { requestId: 'r', createdAt: new Date(START).toISOString() };
  const told = [-1, 0, 1].map((fromNow) => {
    const expiresAt = new Date(START + fromNow).toISOString();
    const known = { ...membership, expiringLink: { ...link, expiresAt } };
    return isStillSo('LinkExpiredUnused', { time: link.createdAt, data }, known, START);
  });
  expect(told).toEqual([true, true, false]);
});
