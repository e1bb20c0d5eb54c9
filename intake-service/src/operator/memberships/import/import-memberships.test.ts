import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newPlan } from '@paid-community/shared/model/plans/plan-life.ts';
import { plans } from '@paid-community/shared/model/plans/plan.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { MembershipsApi } from '../../testing/memberships-api.ts';

const END = '2026-06-30T18:30:00.000Z';

let api: MembershipsApi;

beforeEach(async () => {
  api = new MembershipsApi({ timeZone: 'Asia/Kolkata' });
  await api.open();
  const plan = (planId: string, communityId: string, period: string): ReturnType<typeof newPlan> =>
    newPlan({ planId, name: planId, communityIds: [communityId], period }, '2026-01-01T00:00:00.000Z');
  await api.operator.backend.store.commit(
    [plan('monthly', 'gold', 'P1M'), plan('lifetime', 'gold', 'lifetime'), plan('silver', 'silver', 'P1M')].map(
      (each) => createDocument(plans, each.planId, each),
    ),
  );
});

afterEach(() => api.close());

interface Row {
  readonly line: number;
  readonly outcome: string;
  readonly membershipId?: string;
  readonly endsAt?: string;
  readonly reason?: string;
}

async function imported(rows: readonly object[], more: object = {}): Promise<readonly Row[]> {
  const numbered = rows.map((row, index) => ({ line: index + 2, ...row }));
  const input = { communityId: 'gold', rows: numbered, ...more };
  return (await api.operator.call<{ rows: readonly Row[] }>('memberships.import', input)).rows;
}

const outcomes = (rows: readonly Row[]): readonly string[] => rows.map(({ outcome }) => outcome);

const ROWS = [
  { userId: 'asha', telegramUserId: '1', endsAt: END },
  { telegramUserId: '2', planId: 'monthly', startsAt: '2025-12-31T18:30:00Z' },
  { telegramUserId: '3', planId: 'lifetime' },
  { userId: 'dev', planId: 'monthly' },
];

describe('an import', () => {
  test('makes people who are inside members, each with the end of the list or of the plan', async () => {
    expect(await imported(ROWS)).toMatchObject([
      { line: 2, outcome: 'created', endsAt: END },
      { line: 3, outcome: 'created', endsAt: '2026-01-31T18:30:00.000Z' },
      { line: 4, outcome: 'created', membershipId: expect.any(String) },
      { line: 5, outcome: 'created', endsAt: '2026-02-01T00:00:00.000Z' },
    ]);
    const { memberships } = await api.operator.call<{ memberships: object[] }>('memberships.find', {
      telegramUserId: '2',
    });
    expect(memberships).toMatchObject([{ userId: '', state: 'active', presence: 'unknown', planId: 'monthly' }]);
    expect(api.told()).toEqual(ROWS.map(() => ['MembershipStarted', 'imported']));
  });

  test('of the same list again changes nothing', async () => {
    await imported(ROWS);
    const { length } = api.operator.eventBus.published;
    api.operator.clock.advance(86_400_000);
    expect(outcomes(await imported(ROWS))).toEqual(ROWS.map(() => 'unchanged'));
    expect(api.operator.eventBus.published).toHaveLength(length);
  });

  test('of a list with another end replaces what was imported, also by an earlier one, and nothing that was bought', async () => {
    const membershipId = await api.member('asha', { endsAt: '2026-03-01T00:00:00.000Z', telegramUserId: '1' });
    const ends = [END, '2026-04-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'];
    const seen: (string | undefined)[] = [];
    for (const endsAt of ends) {
      expect(await imported([{ userId: 'asha', endsAt }])).toMatchObject([{ outcome: 'changed', membershipId }]);
      seen.push((await api.stored(membershipId))?.endsAt);
    }
    expect(seen).toEqual([END, '2026-04-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z']);
  });

  test('as a dry run says the same, and writes nothing', async () => {
    const dry = await imported(ROWS, { dryRun: true });
    expect(await api.operator.call('memberships.find', { communityId: 'gold' })).toEqual({ memberships: [] });
    expect(await imported(ROWS)).toEqual(dry);
  });

  test('makes a member of somebody who was inside without us, so that the end removes the account', async () => {
    const [row] = await imported([{ telegramUserId: '1', endsAt: '2025-12-01T00:00:00Z' }], { allowEnded: true });
    const membershipId = row?.membershipId ?? '';
    expect(await api.operator.call('memberships.show', { membershipId })).toMatchObject({
      membership: {
        state: 'expired',
        admitted: true,
        endedAt: '2025-12-01T00:00:00.000Z',
        removal: { status: 'due', since: '2025-12-01T00:00:00.000Z' },
      },
    });
  });

  test('with wrong ends is mended by the right list: nobody is to be removed any more', async () => {
    const row = { userId: 'asha', telegramUserId: '1' };
    const [wrong] = await imported([{ ...row, endsAt: '2020-01-01T00:00:00Z' }], { allowEnded: true });
    const membershipId = wrong?.membershipId ?? '';
    expect(await api.stored(membershipId)).toMatchObject({ state: 'expired', removalState: 'due' });
    expect(outcomes(await imported([{ ...row, endsAt: END }]))).toEqual(['changed']);
    const mended = await api.stored(membershipId);
    expect([mended?.state, mended?.endsAt, mended !== undefined && 'removalState' in mended]).toEqual([
      'active',
      END,
      false,
    ]);
  });

  test.each([
    ['nobody', { endsAt: END }, 'userId or telegramUserId is needed'],
    ['no time', { userId: 'u' }, 'planId or endsAt is needed'],
    ['a plan that there is not', { userId: 'u', planId: 'yearly' }, 'there is no plan yearly'],
    ['a plan of another community', { userId: 'u', planId: 'silver' }, 'the plan silver does not open gold'],
    [
      'an account that a spreadsheet has shortened',
      { telegramUserId: '1.2E+09', endsAt: END },
      'telegramUserId must be',
    ],
    ['a time that the calendar has not', { userId: 'u', endsAt: '2026-02-30T00:00:00Z' }, 'endsAt must be'],
    ['an end that is past', { userId: 'u', endsAt: '2025-12-31T00:00:00Z' }, 'it ended at 2025-12-31'],
    [
      'a plan that is over',
      { userId: 'u', planId: 'monthly', startsAt: '2025-11-01T00:00:00Z' },
      'it ended at 2025-12-01',
    ],
    [
      'a start that is to come',
      { userId: 'u', planId: 'monthly', startsAt: END },
      'startsAt must not be in the future',
    ],
    [
      'an end before the start',
      { userId: 'u', startsAt: '2025-12-01T00:00:00Z', endsAt: '2025-11-01T00:00:00Z' },
      'endsAt must be after startsAt',
    ],
  ])('refuses a row with %s, and takes the others', async (_name, row, reason) => {
    expect(await imported([row, { userId: 'fine', endsAt: END }])).toMatchObject([
      { line: 2, outcome: 'refused', reason: expect.stringContaining(reason) },
      { line: 3, outcome: 'created' },
    ]);
  });

  test('refuses another account than the one that is bound, and time for whom an operator has put out', async () => {
    const membershipId = await api.member('asha', { endsAt: END, telegramUserId: '1' });
    expect(await imported([{ userId: 'asha', telegramUserId: '7', endsAt: END }])).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('memberships move') },
    ]);
    await imported([{ userId: 'asha', endsAt: END }]);
    await api.operator.call('memberships.revoke', { membershipId });
    expect(outcomes(await imported([{ userId: 'asha', endsAt: END }]))).toEqual(['unchanged']);
    expect(await imported([{ userId: 'asha', endsAt: '2027-01-01T00:00:00Z' }])).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('memberships extend') },
    ]);
  });

  test('into a community that there is not is refused', async () => {
    await expect(imported(ROWS, { communityId: 'nowhere' })).rejects.toMatchObject({ code: 'not_found' });
  });
});
