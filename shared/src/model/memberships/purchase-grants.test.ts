import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldGrants } from './covered-time.ts';
import { isGrant, type StoredGrant } from './grant.ts';
import { isVoid, noEarlyNotes, purchaseGrant, withDispute, withRefund } from './purchase-grants.ts';
import { coveredNaively } from './testing/naive-fold.ts';

/** What is heard of purchases, in the order in which it happened. */
type Heard =
  | { readonly kind: 'bought'; readonly id: string; readonly at: string; readonly period: string }
  | { readonly kind: 'refunded'; readonly id: string; readonly at: string; readonly amount: string | undefined }
  | { readonly kind: 'disputed'; readonly id: string; readonly at: string; readonly suspends: boolean }
  | { readonly kind: 'closed'; readonly id: string; readonly at: string; readonly outcome: 'won' | 'lost' };

const START_MS = Date.UTC(2026, 0, 31);
const id = fc.constantFrom('a', 'b', 'c');
const at = fc.integer({ min: 0, max: 100 }).map((day) => new Date(START_MS + day * 86_400_000).toISOString());
const bought = fc.record({ at, period: fc.constantFrom('P1M', 'P30D', 'PT12H', 'lifetime') });
const note: fc.Arbitrary<Heard> = fc.oneof(
  fc.record({ kind: fc.constant('refunded' as const), id, at, amount: fc.constantFrom(undefined, '1.00', '2.00') }),
  fc.record({
    kind: fc.constant('closed' as const),
    id,
    at,
    outcome: fc.constantFrom('won' as const, 'lost' as const),
  }),
  fc.record({ kind: fc.constant('disputed' as const), id, at, suspends: fc.boolean() }),
);

/** Three purchases, what was told of them, and two orders in which all of it is heard, some of it several times. */
const history = fc
  .tuple(fc.tuple(bought, bought, bought), fc.array(note, { maxLength: 6 }))
  .map(([purchases, notes]): readonly Heard[] => [
    ...purchases.map((each, index) => ({ ...each, kind: 'bought' as const, id: 'abc'.charAt(index) })),
    // One dispute has one beginning.
    ...notes.filter(
      (each, index) =>
        each.kind !== 'disputed' || notes.findIndex((one) => one.kind === 'disputed' && one.id === each.id) === index,
    ),
  ])
  .chain((all) => {
    const heard = fc
      .tuple(fc.shuffledSubarray([...all], { minLength: all.length }), fc.subarray([...all]))
      .chain(([once, again]) => fc.shuffledSubarray([...once, ...again], { minLength: once.length + again.length }));
    return fc.tuple(fc.constant(all), heard, heard);
  });

/** As the handlers do it. */
function grantsAfter(heard: readonly Heard[]): readonly StoredGrant[] {
  const stored = new Map<string, StoredGrant>();
  for (const each of heard) {
    const known = stored.get(each.id);
    if (each.kind === 'bought') {
      if (!isGrant(known)) stored.set(each.id, purchaseGrant(purchaseOf(each), 'm', known, START_MS));
      continue;
    }
    stored.set(each.id, noted(known ?? noEarlyNotes(each.id, each.at, each.at), each));
  }
  return [...stored.values()].sort((one, other) => (one.grantId < other.grantId ? -1 : 1));
}

function purchaseOf({ id: requestId, at: time, period }: Extract<Heard, { kind: 'bought' }>): {
  readonly time: string;
  readonly data: Parameters<typeof purchaseGrant>[0]['data'];
} {
  return { time, data: { requestId, userId: 'u', transactionId: 't', communityId: 'gold', period } };
}

function noted(known: StoredGrant, each: Exclude<Heard, { kind: 'bought' }>): StoredGrant {
  switch (each.kind) {
    case 'refunded':
      return withRefund(known, { refundId: `${each.at} ${each.amount ?? ''}`, at: each.at, amount: each.amount });
    case 'disputed':
      return withDispute(known, { state: 'open', at: each.at, suspends: each.suspends });
    case 'closed':
      return withDispute(known, { state: each.outcome, at: each.at, suspends: false });
  }
}

/** Of everything that was told, without an order. */
function isTakenBack(grantId: string, all: readonly Heard[]): boolean {
  const own = all.filter((each) => each.id === grantId);
  if (own.some((each) => each.kind === 'refunded' && each.amount === undefined)) return true;
  const closed = own.filter((each) => each.kind === 'closed');
  const last = closed.toSorted((one, other) =>
    `${one.at} ${one.outcome}` < `${other.at} ${other.outcome}` ? 1 : -1,
  )[0];
  return last === undefined ? own.some((each) => each.kind === 'disputed' && each.suspends) : last.outcome === 'lost';
}

test('property: whatever is heard of purchases, in any order and any number of times, gives the same time', () => {
  fc.assert(
    fc.property(history, ([all, heard, otherwise]) => {
      const grants = grantsAfter(heard).filter(isGrant);
      const rules = { timeZone: 'Europe/Berlin' };
      const fold = foldGrants(grants, undefined, rules);
      const again = foldGrants(grantsAfter(otherwise).filter(isGrant), undefined, rules);
      expect(withoutNotes(again)).toEqual(withoutNotes(fold));
      const counts = all.flatMap((each) =>
        each.kind === 'bought' && !isTakenBack(each.id, all)
          ? [{ grantId: each.id, from: each.at, period: each.period, endsAt: undefined }]
          : [],
      );
      const { startsAt, endsAt } = fold.covered ?? {};
      expect({ startsAt, endsAt }).toEqual(coveredNaively(counts, rules.timeZone));
      expect(fold.voided === undefined).toBe(counts.length === 3);
    }),
    { numRuns: 5_000 },
  );
});

/** Refunds stand in the order in which they were heard of. */
function withoutNotes({ covered, voided, purchase }: ReturnType<typeof foldGrants>): unknown {
  const { startsAt, endsAt, last } = covered ?? {};
  return { startsAt, endsAt, last: last?.grantId, voided, purchase: purchase?.grantId };
}

test('a purchase is void after a full refund or a lost dispute, and not while it is only disputed', () => {
  const none = noEarlyNotes('a', '2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z');
  const dispute = { at: none.createdAt, suspends: true };
  expect(isVoid(withRefund(none, { refundId: 'r', at: none.createdAt }))).toBe(true);
  expect(isVoid(withRefund(none, { refundId: 'r', at: none.createdAt, amount: '1.00' }))).toBe(false);
  expect(isVoid(withDispute(none, { ...dispute, state: 'lost' }))).toBe(true);
  expect(isVoid(withDispute(none, { ...dispute, state: 'open' }))).toBe(false);
});
