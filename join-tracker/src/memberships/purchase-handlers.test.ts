import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DisputeClosed,
  PurchaseDisputed,
  PurchaseRefunded,
} from '@paid-community/shared/model/purchases/purchase-notes.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { DAY_MS, MEMBERSHIP_ID, openMemberships, type OpenedMemberships } from '../testing/open-memberships.ts';

let opened: OpenedMemberships;

beforeEach(async () => {
  opened = await openMemberships({ removal: 'on' });
});

afterEach(() => opened.close());

const days = (count: number): string => new Date(Date.UTC(2026, 0, 1) + count * DAY_MS).toISOString();
const refund = (requestId: string, part?: { readonly amount: string }): ReturnType<typeof PurchaseRefunded.create> =>
  opened.happens(PurchaseRefunded, { requestId, refundId: part?.amount ?? 'all', ...part });

describe('a purchase', () => {
  test('of a plan is a grant and a membership, told once, however often it is delivered', async () => {
    const purchase = opened.bought({ telegramUserId: '77' });
    await opened.deliver(purchase);
    opened.clock.advance(DAY_MS);
    await opened.deliver(purchase);
    expect(await opened.membership()).toMatchObject({
      membershipId: MEMBERSHIP_ID,
      state: 'pending',
      startsAt: days(0),
      endsAt: days(30),
      requestId: 'request-1',
      planId: 'monthly',
      telegramUserId: '77',
      effects: [],
      dueAt: days(30),
    });
    expect(await opened.grant('request-1')).toMatchObject({ kind: 'purchase', from: days(0), period: 'P30D' });
    expect(opened.told()).toEqual(['MembershipStarted']);
  });

  test('before the end of another one lengthens it', async () => {
    await opened.deliver(opened.bought());
    opened.clock.advance(10 * DAY_MS);
    await opened.deliver(opened.bought());
    expect(await opened.membership()).toMatchObject({ startsAt: days(0), endsAt: days(60) });
    expect(opened.told()).toEqual(['MembershipStarted', 'MembershipRenewed']);
  });

  test('and others at the same moment all count', async () => {
    await Promise.all([1, 2, 3, 4].map(() => opened.deliver(opened.bought())));
    expect(await opened.membership()).toMatchObject({ endsAt: days(120), effects: [] });
  });

  test('of today’s contract leaves nothing', async () => {
    await opened.deliver(opened.boughtWithoutPlan('default'));
    expect(await opened.grant('request-1')).toBeUndefined();
    expect(opened.told()).toEqual([]);
  });

  test('without a plan in a community that removes people has no end', async () => {
    await opened.deliver(opened.boughtWithoutPlan('gold'));
    const membership = await opened.membership();
    expect([membership?.state, membership?.startsAt, membership?.endsAt]).toEqual(['pending', days(0), undefined]);
  });

  test('with a period that is none is a dead letter', async () => {
    await expect(opened.deliver(opened.bought({ period: 'P1Q' }))).rejects.toMatchObject({ code: 'invalid_period' });
  });

  test('is told by its redelivery when the bus did not answer', async () => {
    const purchase = opened.bought();
    opened.eventBus.failNext = new RetryableError('down', 'The bus is down');
    await expect(opened.deliver(purchase)).rejects.toThrow('The bus is down');
    expect(opened.told()).toEqual([]);
    await opened.deliver(purchase);
    expect(opened.told()).toEqual(['MembershipStarted']);
    expect(await opened.membership()).toMatchObject({ effects: [], dueAt: days(30) });
  });
});

describe('a refund', () => {
  test('of all ends the membership and its link, once', async () => {
    await opened.deliver(opened.bought());
    const all = refund('request-1');
    await opened.deliver(all);
    await opened.deliver(all);
    expect(await opened.membership()).toMatchObject({ state: 'revoked', endReason: 'refunded' });
    expect(opened.told()).toEqual(['MembershipStarted', 'MembershipRevoked']);
    expect(opened.taskQueue.tasks.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([
      { type: 'revoke-invite-link', requestId: 'request-1' },
    ]);
  });

  test('of a part is a note', async () => {
    await opened.deliver(opened.bought());
    await opened.deliver(refund('request-1', { amount: '12.50' }));
    expect(await opened.membership()).toMatchObject({ state: 'pending', endsAt: days(30) });
    expect(await opened.grant('request-1')).toMatchObject({ refunds: [{ amount: '12.50' }] });
  });

  test('that comes before its purchase is kept until it comes', async () => {
    const purchase = opened.bought();
    await opened.deliver(refund(purchase.data.requestId));
    await opened.deliver(purchase);
    expect(await opened.membership()).toMatchObject({ state: 'revoked' });
    expect(await opened.grant('request-1')).toMatchObject({ kind: 'purchase', refunds: [{ refundId: 'all' }] });
  });

  test('at the moment of its purchase is not lost', async () => {
    const purchase = opened.bought();
    await Promise.all([opened.deliver(purchase), opened.deliver(refund(purchase.data.requestId))]);
    expect(await opened.membership()).toMatchObject({ state: 'revoked' });
  });

  test('of a purchase without a membership has its link revoked', async () => {
    await opened.deliver(refund('request-9'));
    expect(opened.taskQueue.tasks.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([
      { type: 'revoke-invite-link', requestId: 'request-9' },
    ]);
  });
});

describe('a dispute', () => {
  const dispute = (): Promise<void> => opened.deliver(opened.happens(PurchaseDisputed, { requestId: 'request-1' }));
  const close = (outcome: 'won' | 'lost'): Promise<void> =>
    opened.deliver(opened.happens(DisputeClosed, { requestId: 'request-1', outcome }));

  test('suspends while it is open, where the settings say so, and brings it back when it is won', async () => {
    await opened.deliver(opened.bought());
    await dispute();
    expect(await opened.membership()).toMatchObject({ state: 'revoked', endReason: 'disputed' });
    await close('won');
    expect(await opened.membership()).toMatchObject({ state: 'pending', endsAt: days(30) });
    expect(opened.told()).toEqual(['MembershipStarted', 'MembershipRevoked', 'MembershipRenewed']);
  });

  test('that is lost ends it, also when its end comes first', async () => {
    await opened.deliver(opened.bought());
    await close('lost');
    await dispute();
    expect(await opened.membership()).toMatchObject({ state: 'revoked', endReason: 'disputed' });
    expect(opened.told()).toEqual(['MembershipStarted', 'MembershipRevoked']);
  });
});
