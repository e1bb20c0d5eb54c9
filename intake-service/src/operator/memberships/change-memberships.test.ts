import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LinkNeeded } from '@paid-community/shared/model/links/link-needed.ts';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { MembershipsApi } from '../testing/memberships-api.ts';

const END = '2026-02-01T00:00:00.000Z';

let api: MembershipsApi;

beforeEach(async () => {
  api = new MembershipsApi({ timeZone: 'Asia/Kolkata' });
  await api.open();
});

afterEach(() => api.close());

interface Answer {
  readonly membership: Readonly<Record<string, unknown>>;
}

const call = (change: string, input: object): Promise<Answer> => api.operator.call(`memberships.${change}`, input);

/** Links that were asked for, by their purchases. */
const linksNeeded = (): readonly string[] =>
  api.operator.eventBus.published
    .filter(({ topic }) => topic === purchaseEvents.name)
    .map(({ message }) => LinkNeeded.parse(message).data.requestId);

describe('find', () => {
  test('shows the memberships of a person by either id, in one community or in all', async () => {
    const membershipId = await api.member('asha', { endsAt: END, telegramUserId: '42' });
    await api.member('ben');
    const asha = {
      membershipId,
      communityId: 'gold',
      userId: 'asha',
      telegramUserId: '42',
      planId: 'monthly',
      state: 'active',
      presence: 'inside',
      startsAt: '2026-01-01T00:00:00.000Z',
      endsAt: END,
      exempt: false,
      test: false,
    };
    const person = [{ userId: 'asha' }, { telegramUserId: '42' }];
    for (const by of [...person, ...person.map((each) => ({ ...each, communityId: 'gold' }))])
      expect(await api.operator.call('memberships.find', by)).toEqual({ memberships: [asha] });
    for (const by of [
      { userId: 'nobody', communityId: 'gold' },
      { telegramUserId: '42', communityId: 'silver' },
    ])
      expect(await api.operator.call('memberships.find', by)).toEqual({ memberships: [] });
    const all = await api.operator.call<{ memberships: object[] }>('memberships.find', { communityId: 'gold' });
    expect(all.memberships).toHaveLength(2);
  });

  test.each([{}, { userId: 'asha', telegramUserId: '42' }])('refuses %p, which names nobody or two', async (input) => {
    await expect(api.operator.call('memberships.find', input)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('extend', () => {
  test('for a period goes on from the end, and is told once with its reason', async () => {
    const membershipId = await api.member('asha', { endsAt: END, telegramUserId: '42' });
    const { membership } = await call('extend', { membershipId, period: 'P1M' });
    expect(membership).toMatchObject({ state: 'active', endsAt: '2026-03-01T00:00:00.000Z', planId: 'monthly' });
    expect(api.told()).toEqual([['MembershipRenewed', 'extended']]);
    const shown = await api.operator.call<object>('memberships.show', { membershipId });
    expect(shown).toMatchObject({
      membership: { endsAt: '2026-03-01T00:00:00.000Z', requestId: 'request-of-asha', untold: 0 },
      grants: [{ kind: 'purchase' }, { kind: 'extension', period: 'P1M' }],
      history: [
        { what: 'bought' },
        { what: 'account bound' },
        { what: 'came in' },
        { what: 'extended', detail: 'ada' },
      ],
    });
  });

  test('until a time in any zone is kept in UTC, and no earlier end is taken', async () => {
    const membershipId = await api.member('asha', { endsAt: END });
    const { membership } = await call('extend', { membershipId, endsAt: '2026-03-01T05:30:00+05:30' });
    expect(membership).toMatchObject({ state: 'pending', endsAt: '2026-03-01T00:00:00.000Z' });
    await expect(call('extend', { membershipId, endsAt: END })).rejects.toMatchObject({
      issues: [{ path: '/endsAt', message: expect.stringContaining('must be after 2026-03-01') }],
    });
  });

  test.each([
    [{}, /Exactly one/],
    [{ period: 'P1M', endsAt: END }, /Exactly one/],
    [{ period: 'P0D' }, /not valid/],
    [{ period: 'P999999Y' }, /not valid/],
    [{ endsAt: '2025-12-31T00:00:00Z' }, /not valid/],
  ])('refuses %p', async (given, words) => {
    const membershipId = await api.member('asha', { endsAt: END });
    await expect(call('extend', { membershipId, ...given })).rejects.toThrow(words);
    expect(api.told()).toEqual([]);
  });

  test('of what has no end, and of nobody, is refused', async () => {
    const membershipId = await api.member('asha');
    await expect(call('extend', { membershipId, period: 'P1M' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(call('extend', { membershipId: '0'.repeat(32), period: 'P1M' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('lets somebody who is out after the end in again, by a link of the purchase', async () => {
    const membershipId = await api.member('asha', { endsAt: END });
    await call('revoke', { membershipId });
    expect(api.queued()).toEqual([['revoke-invite-link', 'request-of-asha']]);
    const { membership } = await call('extend', { membershipId, period: 'P1M' });
    expect(membership).toMatchObject({ state: 'pending' });
    expect(linksNeeded()).toEqual(['request-of-asha']);
  });
});

describe('cancel', () => {
  test('keeps the time to its end, once, until more is given', async () => {
    const membershipId = await api.member('asha', { endsAt: END, telegramUserId: '42' });
    for (let time = 0; time < 2; time += 1)
      expect((await call('cancel', { membershipId })).membership).toMatchObject({
        state: 'active',
        endsAt: END,
        cancelledAt: '2026-01-01T00:00:00.000Z',
      });
    expect(api.told()).toEqual([['MembershipCancelled', undefined]]);
    expect((await call('extend', { membershipId, period: 'P1M' })).membership).not.toHaveProperty('cancelledAt');
  });
});

describe('revoke', () => {
  test('ends it at once in the words of the operator, once, and the person is due to be removed', async () => {
    const membershipId = await api.member('asha', { endsAt: END, telegramUserId: '42' });
    for (let time = 0; time < 2; time += 1) {
      const { membership } = await call('revoke', { membershipId, reason: 'chargeback' });
      expect(membership).toMatchObject({
        state: 'revoked',
        endReason: 'chargeback',
        removal: { status: 'due', reason: 'chargeback', since: '2026-01-01T00:00:00.000Z' },
      });
    }
    expect(api.told()).toEqual([['MembershipRevoked', 'chargeback']]);
    await expect(call('cancel', { membershipId })).rejects.toMatchObject({ code: 'conflict' });
    await expect(call('move', { membershipId, telegramUserId: '7' })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('does not count for what is given afterwards', async () => {
    const membershipId = await api.member('asha', { endsAt: END, telegramUserId: '42' });
    await call('revoke', { membershipId });
    const { membership } = await call('extend', { membershipId, period: 'P30D' });
    expect(membership).toMatchObject({ state: 'active', endsAt: '2026-01-31T00:00:00.001Z' });
    expect(membership).not.toHaveProperty('removal');
  });
});

test('exempt people are not removed, and are again when they are exempt no more', async () => {
  const membershipId = await api.member('asha', { endsAt: END, telegramUserId: '42' });
  expect((await call('exempt', { membershipId, exempt: true })).membership).toMatchObject({ exempt: true });
  expect((await call('revoke', { membershipId })).membership).not.toHaveProperty('removal');
  const { membership } = await call('exempt', { membershipId, exempt: false });
  expect(membership).toMatchObject({ exempt: false, removal: { status: 'due' } });
});

test('move binds another account once, asks the old one out, and has another link made', async () => {
  const membershipId = await api.member('asha', { endsAt: END, telegramUserId: '42' });
  for (let time = 0; time < 2; time += 1)
    expect((await call('move', { membershipId, telegramUserId: '7' })).membership).toMatchObject({
      telegramUserId: '7',
      presence: 'unknown',
    });
  expect(api.queued()).toEqual([['remove-member', '42']]);
  expect(linksNeeded()).toEqual(['request-of-asha']);
});

test('a change that is stored is done, though it cannot be told at once', async () => {
  const membershipId = await api.member('asha', { endsAt: END, telegramUserId: '42' });
  api.operator.eventBus.failNext = new RetryableError('unavailable', 'The bus does not answer');
  const { membership } = await call('extend', { membershipId, period: 'P1M' });
  expect(membership).toMatchObject({ endsAt: '2026-03-01T00:00:00.000Z', untold: 1 });
  expect((await api.stored(membershipId))?.dueAt).toBe('2026-01-01T00:00:30.000Z');
});
