import { describe, expect, test } from '@jest/globals';
import { planPurchases } from './plan-purchases.ts';
import { readPurchases, type PurchaseFile } from './read-purchases.ts';

function fileOf(lines: readonly string[]): PurchaseFile {
  return { ...readPurchases(['userId,transactionId', ...lines].join('\n')), fingerprint: 'f00d' };
}

describe('the rows to send', () => {
  test('are the whole file without a count, repeats with it', () => {
    const plan = planPurchases(fileOf(['1,a', '2,b', '1,a']), { count: undefined, communities: 1, joinRate: 1 });
    expect(plan.purchases.map(({ origin }) => origin)).toEqual(['line 2', 'line 3', 'line 4']);
    expect(plan).toMatchObject({ different: 2, joins: 2 });
  });

  test('hold as many different purchases as were asked for', () => {
    const plan = planPurchases(fileOf(['1,a', '1,a', '2,b', '1,a', '3,c', '4,d']), {
      count: 2,
      communities: 1,
      joinRate: 0,
    });
    expect(plan.purchases.map(({ origin }) => origin)).toEqual(['line 2', 'line 3', 'line 4', 'line 5']);
    expect(plan.different).toBe(2);
  });

  test('are filled up with generated ones that no other run has', () => {
    const plans = [0, 1].map(() => planPurchases(fileOf(['1,a']), { count: 3, communities: 1, joinRate: 0 }));
    expect(plans.map(({ different }) => different)).toEqual([3, 3]);
    const generated = plans.flatMap(({ purchases }) => purchases.slice(1).map(({ transactionId }) => transactionId));
    expect(new Set(generated).size).toBe(4);
  });

  test('without a transactionId are different purchases with a key from file and line', () => {
    const plan = planPurchases(fileOf(['1,', '1,', '2,b']), { count: undefined, communities: 1, joinRate: 0 });
    expect(plan.different).toBe(3);
    expect(plan.purchases.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      'demo-f00d-line-2',
      'demo-f00d-line-3',
      undefined,
    ]);
  });
});

test('the communities take turns, the default one first, and a repeat stays in its own', () => {
  const plan = planPurchases(fileOf(['1,a', '2,b', '1,a', '3,c', '4,d']), { count: 5, communities: 3, joinRate: 1 });
  const ids = plan.purchases.map(({ community }) => community?.communityId ?? 'default');
  expect(ids).toEqual(['default', 'gold', 'default', 'signals', 'default', 'gold']);
});

describe('the buyers who join', () => {
  test.each([0, 0.1, 0.3, 0.6, 0.7, 1])(
    'are the share %d of them, the same ones every time, and a repeat is the same buyer',
    (joinRate) => {
      const file = fileOf(Array.from({ length: 110 }, (_, index) => `${index % 100},t${index % 100}`));
      const first = planPurchases(file, { count: undefined, communities: 1, joinRate });
      const second = planPurchases(file, { count: undefined, communities: 1, joinRate });
      expect(first).toEqual(second);
      expect(first.joins).toBe(Math.round(100 * joinRate));
      expect(first.purchases.slice(100).map(({ joins }) => joins)).toEqual(
        first.purchases.slice(0, 10).map(({ joins }) => joins),
      );
    },
  );

  test.each([3, 5, 10])('are the same share in each of %d communities', (communities) => {
    const plan = planPurchases(fileOf([]), { count: 10 * communities, communities, joinRate: 0.6 });
    const joining = Map.groupBy(plan.purchases, ({ community }) => community?.communityId);
    const joins = [...joining.values()].map((buyers) => buyers.filter((buyer) => buyer.joins).length);
    expect(joins).toEqual(Array.from({ length: communities }, () => 6));
    expect(plan.joins).toBe(6 * communities);
  });
});
