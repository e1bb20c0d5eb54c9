import { expect, test } from '@jest/globals';
import { moved } from './account-life.ts';
import { foldGrants } from './covered-time.ts';
import { effectsDone } from './due-times.ts';
import { newMembership, purchased, purchaseNoted } from './membership-life.ts';
import { membershipIdOf, type Membership } from './membership.ts';
import { purchaseGrant, withRefund } from './purchase-grants.ts';
import type { MembershipRules } from './standing.ts';
import { stepped } from './steps.ts';
import { DAY_MS, HOUR_MS, iso, START_MS } from './testing/random-life.ts';
import { someMembership } from './testing/some-membership.ts';

const rules: MembershipRules = { timeZone: 'UTC', removal: 'on', grace: 'P3D', reminders: ['P7D', 'P1D'] };

const told = ({ effects }: Membership): readonly string[] =>
  effects.flatMap((effect) => (effect.kind === 'publish' ? [effect.type] : []));
const settled = (known: Membership, nowMs: number): Membership => effectsDone(known, known.effects, rules, nowMs);

/** Bought at the start, each for that long, and heard of in that moment. */
function bought(periods: readonly string[], nowMs: number, isRefunded = false): Membership {
  const of = { communityId: 'gold', userId: 'u' };
  const membershipId = membershipIdOf(of.communityId, of);
  const all = periods.map((period, index) => {
    const data = { ...of, requestId: `r${index}`, transactionId: 't', period };
    const grant = purchaseGrant({ time: iso(START_MS), data }, membershipId, undefined, nowMs);
    return isRefunded ? withRefund(grant, { refundId: 'all', at: iso(START_MS) }) : grant;
  });
  return all.reduce<Membership>(
    (known, grant, index) =>
      purchased(
        known,
        { grant, telegramUserId: '7' },
        foldGrants(all.slice(0, index + 1), undefined, rules),
        rules,
        nowMs,
      ),
    newMembership({ membershipId, ...of }, nowMs),
  );
}

test('a membership that a clock had ended is open again when the clock is right, with a way in, and is told', () => {
  const known = settled(bought(['P30D'], START_MS), START_MS);
  const wrong = stepped(known, rules, START_MS + 400 * DAY_MS);
  expect(wrong.state).toBe('expired');
  const right = stepped(settled(wrong, START_MS), rules, START_MS + DAY_MS);
  expect([right.state, right.endsAt]).toEqual(['pending', known.endsAt]);
  expect(right.effects).toMatchObject([
    { kind: 'publish', type: 'MembershipRenewed', facts: { reason: 'not_over' } },
    { kind: 'make_link', requestId: 'r0' },
  ]);
});

test('a grace is told once, also when the clock is set back over its beginning', () => {
  const endMs = START_MS + 30 * DAY_MS;
  const grace = settled(stepped(settled(bought(['P30D'], START_MS), START_MS), rules, endMs), endMs);
  const back = stepped(grace, rules, endMs - HOUR_MS);
  expect([grace.state, back.state, told(back)]).toEqual(['grace', 'pending', []]);
  const again = stepped(back, rules, endMs);
  expect([again.state, told(again)]).toEqual(['grace', []]);
});

test('a reminder whose moment had passed when the time was bought is not told; the next one is', () => {
  const renewed = bought(['P2D', 'P6D'], START_MS + 1.5 * DAY_MS);
  expect(told(renewed)).toEqual(['MembershipStarted', 'MembershipRenewed']);
  const atLast = stepped(settled(renewed, START_MS), rules, START_MS + 7 * DAY_MS);
  expect(told(atLast)).toEqual(['MembershipExpiring']);
});

test('a refund that came before its purchase ends what never started: nothing is told, and the link is revoked', () => {
  const known = bought(['P30D'], START_MS, true);
  expect([known.state, told(known)]).toEqual(['revoked', []]);
  expect(known.effects).toMatchObject([{ kind: 'revoke_link', requestId: 'r0' }]);
  const renewed = bought(['P30D', 'P30D'], START_MS, true);
  expect(told(renewed)).toEqual([]);
});

test('a renewal that is refunded in its own time ends at once, without a grace', () => {
  const nowMs = START_MS + 31 * DAY_MS;
  const known = bought(['P30D', 'P30D'], START_MS);
  const data = { communityId: 'gold', userId: 'u', requestId: 'r0', transactionId: 't', period: 'P30D' };
  const first = purchaseGrant({ time: iso(START_MS), data }, known.membershipId, undefined, START_MS);
  const refund = { refundId: 'all', at: iso(nowMs) };
  const second = withRefund({ ...first, grantId: 'r1' }, refund);
  const fold = foldGrants([first, second], undefined, rules);
  const refunded = purchaseNoted(settled(known, START_MS), second, fold, { what: 'refunded' }, rules, nowMs);
  expect(refunded).toMatchObject({ state: 'revoked', endReason: 'refunded', endsAt: iso(START_MS + 30 * DAY_MS) });
});

test('what is bought after a kick lets the person in again; what was bought before does not', () => {
  const known = settled(bought(['P30D'], START_MS), START_MS);
  const kicked: Membership = { ...known, presence: 'outside', departure: 'kicked', presenceAt: iso(START_MS) };
  expect(stepped(kicked, rules, START_MS + DAY_MS).departure).toBe('kicked');
  const data = { communityId: 'gold', userId: 'u', transactionId: 't', period: 'P30D' };
  const grants = ['r0', 'r1'].map((requestId) =>
    purchaseGrant({ time: iso(START_MS), data: { ...data, requestId } }, known.membershipId, undefined, START_MS),
  );
  const [, second = grants[0]] = grants;
  if (second === undefined) throw new Error('two grants were made');
  const purchase = { grant: second, telegramUserId: undefined };
  const again = purchased(kicked, purchase, foldGrants(grants, undefined, rules), rules, START_MS + DAY_MS);
  expect([again.departure, told(again)]).toEqual(['left', ['MembershipRenewed']]);
});

test('at the end the links of all purchases are revoked that nobody has used', () => {
  const ended = stepped(settled(bought(['P1D', 'P1D', 'P1D'], START_MS), START_MS), rules, START_MS + 9 * DAY_MS);
  const revoked = ended.effects.flatMap((effect) => (effect.kind === 'revoke_link' ? [effect.requestId] : []));
  expect(revoked.toSorted()).toEqual(['r0', 'r1', 'r2']);
});

test('an account that a membership is moved to is not removed at the end unless it came in by us', () => {
  const known = moved(someMembership(), '43', 'ada', rules, START_MS);
  expect([known.isAdmitted, known.presence]).toEqual([false, 'unknown']);
  const ended = stepped(known, rules, Date.UTC(2030, 0, 1));
  expect([ended.state, 'removal' in ended]).toEqual(['expired', false]);
});

const CAME = { requestId: 'r1', at: iso(START_MS) };

test.each([
  ['to an account that came by its link before', { strangers: [{ ...CAME, telegramUserId: '43' }] }, ['43']],
  ['back to its account before that is removed', { enteredBy: CAME }, ['43', '42']],
])('a membership that is moved %s has that account removed at the end', (_, fields, accounts) => {
  const move = (known: Membership, account: string): Membership => moved(known, account, 'ada', rules, START_MS);
  const known = accounts.reduce<Membership>(move, someMembership(fields));
  expect(stepped(known, rules, Date.UTC(2030, 0, 1))).toMatchObject({ state: 'expired', removalState: 'due' });
});
