import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { openOperator, type Operator } from '../testing/open-operator.ts';

const MONTHLY = { planId: 'gold-monthly', name: 'Gold monthly', communityIds: ['gold'], period: 'P1M' };
const PRICES = [
  { amount: '499.00', currency: 'INR' },
  { amount: '600', currency: 'JPY' },
];

let operator: Operator;

beforeEach(async () => {
  operator = openOperator();
  await operator.backend.store.commit([
    createDocument(communities, 'gold', someCommunity()),
    createDocument(communities, 'gone', {
      ...someCommunity({ communityId: 'gone' }),
      state: 'disconnected',
      disconnectedAt: '2026-01-01T00:00:00.000Z',
    }),
  ]);
});

afterEach(() => operator.close());

const create = (fields: object = {}): Promise<{ plan: object }> =>
  operator.call('plans.create', { ...MONTHLY, ...fields });

describe('plans', () => {
  test('one is made with what it gives and costs, and the same call again changes nothing', async () => {
    const made = await create({ prices: PRICES, stripePriceIds: ['price_1'] });
    expect(made.plan).toEqual({
      ...MONTHLY,
      prices: PRICES,
      stripePriceIds: ['price_1'],
      state: 'active',
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
    });
    operator.clock.advance(1_000);
    const otherOrder = PRICES.map(({ amount, currency }) => ({ currency, amount }));
    expect(await create({ prices: otherOrder, stripePriceIds: ['price_1'] })).toEqual(made);
    expect(await operator.call('plans.list')).toEqual({ plans: [made.plan] });
  });

  test('what it gives or costs never changes', async () => {
    await create();
    for (const fields of [
      { period: 'P30D' },
      { communityIds: ['gold', 'default'] },
      { prices: PRICES },
      { name: 'Other' },
    ])
      await expect(create(fields)).rejects.toMatchObject({ code: 'conflict' });
    expect(await operator.call('plans.list')).toMatchObject({ plans: [MONTHLY] });
  });

  test('an archived one stays, and cannot be made anew', async () => {
    await create({ stripePriceIds: ['price_1'] });
    operator.clock.advance(1_000);
    const { plan } = await operator.call<{ plan: object }>('plans.archive', { planId: 'gold-monthly' });
    expect(plan).toMatchObject({ ...MONTHLY, state: 'archived', updatedAt: '2026-01-01T00:00:01.000Z' });
    operator.clock.advance(1_000);
    expect(await operator.call('plans.archive', { planId: 'gold-monthly' })).toEqual({ plan });
    expect(await create({ stripePriceIds: ['price_1'] })).toEqual({ plan });
    await expect(operator.call('plans.archive', { planId: 'none' })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a price of Stripe is of one plan alone, and may go from an archived one to another', async () => {
    await create({ stripePriceIds: ['price_1'] });
    const other = { planId: 'gold-new', stripePriceIds: ['price_2', 'price_1'] };
    await expect(create(other)).rejects.toMatchObject({
      issues: [{ path: '/stripePriceIds/1', message: expect.stringContaining('"gold-monthly"') }],
    });
    await operator.call('plans.archive', { planId: 'gold-monthly' });
    expect((await create(other)).plan).toMatchObject(other);
  });

  test.each(['P1M', 'P30D', 'P1Y', 'PT2M', 'P2W', 'P1M15DT12H', 'P100Y', 'lifetime'])(
    'a period may be %s',
    async (period) => {
      expect((await create({ period })).plan).toMatchObject({ period });
    },
  );

  test.each([
    'P0D',
    'PT0S',
    'P0Y0M',
    'P101Y',
    'P100YT1S',
    'P36526D',
    'P999999Y',
    '30',
    'P',
    'P1.5M',
    '-P1M',
    'forever',
    'lifetimes',
  ])('a period may not be %s', async (period) => {
    await expect(create({ period })).rejects.toMatchObject({ issues: [{ path: '/period' }] });
  });

  test.each([
    ['no community', { communityIds: [] }, '/communityIds'],
    ['a community that there is not', { communityIds: ['gold', 'none'] }, '/communityIds/1'],
    ['one that was disconnected', { communityIds: ['gone'] }, '/communityIds/0'],
    ['a community twice', { communityIds: ['gold', 'gold'] }, '/communityIds'],
    ['a blank name', { name: ' ' }, '/name'],
    ['an id with a blank', { planId: 'gold monthly' }, '/planId'],
    ['a price as a number', { prices: [{ amount: 499, currency: 'INR' }] }, '/prices/0/amount'],
    ['a price with a comma', { prices: [{ amount: '499,00', currency: 'INR' }] }, '/prices/0/amount'],
    ['a smaller coin than there is', { prices: [{ amount: '499.5', currency: 'JPY' }] }, '/prices/0'],
    ['a currency that there is not', { prices: [{ amount: '1.00', currency: 'XYZ' }] }, '/prices/0'],
    ['two prices in one currency', { prices: [PRICES[0], { amount: '9', currency: 'INR' }] }, '/prices/1'],
    ['a misspelt field', { Period: 'P1M' }, '/Period'],
  ])('%s is refused with its path', async (_name, fields, path) => {
    await expect(create(fields)).rejects.toMatchObject({ code: 'invalid_request', issues: [{ path }] });
    expect(await operator.call('plans.list')).toEqual({ plans: [] });
  });
});
