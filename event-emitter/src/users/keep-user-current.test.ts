import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newMembership } from '@paid-community/shared/model/memberships/membership-life.ts';
import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { PermanentError, RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { FakeWebEngage } from '../webengage/testing/fake-web-engage.ts';
import { userKeeper, type KeepingUser } from './keep-user-current.ts';

const START_MS = Date.parse('2026-01-01T00:00:00.000Z');
const at = (day: number): string => new Date(START_MS + (day - 1) * 24 * 3_600_000).toISOString();

let backend: Backend;
let close: () => Promise<void>;
let webEngage: FakeWebEngage;
let counted: string[];

beforeEach(() => {
  ({ backend, close } = openTemporaryBackend(new ManualClock()));
  webEngage = new FakeWebEngage();
  counted = [];
});

afterEach(() => close());

function keeping(WEBENGAGE_USER_ATTRIBUTES: 'true' | 'false' = 'true'): KeepingUser {
  return userKeeper({
    config: { WEBENGAGE_USER_ATTRIBUTES },
    store: backend.store,
    webEngage,
    telemetry: {
      ...noTelemetry,
      series: (_metric, attributes: Readonly<Record<string, unknown>>) => ({
        record: () => counted.push(String(attributes['outcome'])),
      }),
    },
  });
}

/** A membership of the user that lasts, or lasted, until that day. */
function lasting(id: string, state: 'active' | 'grace' | 'pending', endsOn: number | undefined): Membership {
  const membership = newMembership({ membershipId: id, communityId: id, userId: 'u1' }, START_MS);
  const endsAt = endsOn === undefined ? undefined : at(endsOn);
  return { ...membership, state, startsAt: at(1), endsAt, planId: id, planName: `Plan ${id}` };
}

function over(id: string, state: 'expired' | 'revoked', endedOn: number): Membership {
  const { startsAt, endsAt, ...known } = lasting(id, 'active', endedOn);
  const times = state === 'revoked' ? {} : { startsAt, endsAt };
  return { ...known, ...times, state, endedAt: at(endedOn), endReason: state };
}

async function storing(...all: readonly Membership[]): Promise<void> {
  await backend.store.commit(all.map((each) => createDocument(memberships, each.membershipId, each)));
}

const nothing = (): Promise<void> => Promise.resolve();
const about = { userId: 'u1' };

test('the attributes of a user are those of the membership as it is now, of fixed types', async () => {
  await storing({ ...lasting('gold', 'active', 31), telegramUserId: '77' });
  await keeping()(about, nothing);
  expect(webEngage.users).toEqual([
    {
      userId: 'u1',
      attributes: {
        membershipStatus: 'active',
        membershipPlan: 'Plan gold',
        membershipExpiresAt: new Date('2026-01-31T00:00:00.000Z'),
        telegramUserId: '77',
      },
    },
  ]);
});

test.each([
  [
    'active before grace and pending',
    [lasting('a', 'pending', 90), lasting('b', 'active', 30), lasting('c', 'grace', 2)],
    'b',
  ],
  ['grace before pending', [lasting('a', 'pending', 90), lasting('b', 'grace', 2)], 'b'],
  ['open before over', [over('a', 'expired', 40), lasting('b', 'pending', 30)], 'b'],
  [
    'the one that lasts longest',
    [lasting('a', 'active', 30), lasting('b', 'active', 60), lasting('c', 'active', 40)],
    'b',
  ],
  ['no end before any end', [lasting('a', 'active', 90), lasting('b', 'active', undefined)], 'b'],
  ['the one that ended last', [over('a', 'expired', 10), over('b', 'revoked', 12), over('c', 'expired', 11)], 'b'],
  ['no test journey', [{ ...lasting('a', 'active', undefined), test: true }, over('b', 'expired', 10)], 'b'],
] as const)('of several communities one membership leads: %s', async (_rule, all, leading) => {
  await storing(...all);
  await keeping()(about, nothing);
  expect(webEngage.users.map(({ attributes }) => attributes['membershipPlan'])).toEqual([`Plan ${leading}`]);
});

test('what a former membership said does not stay: access without an end and without a plan', async () => {
  await storing({ ...lasting('gold', 'active', undefined), planId: undefined, planName: undefined });
  await keeping()(about, nothing);
  expect(webEngage.users).toMatchObject([
    { attributes: { membershipPlan: '', membershipExpiresAt: new Date('2999-12-31T00:00:00.000Z') } },
  ]);
});

test('access that was taken back ended when it was taken back', async () => {
  await storing(over('gold', 'revoked', 12));
  await keeping()(about, nothing);
  expect(webEngage.users).toMatchObject([
    { attributes: { membershipStatus: 'revoked', membershipExpiresAt: new Date(at(12)) } },
  ]);
});

test.each([
  ['when the setting says no', 'false', about],
  ['of a person without a userId', 'true', { userId: '' }],
  ['of a test journey', 'true', { userId: 'u1', test: true }],
  ['of a person without memberships', 'true', { userId: 'u2' }],
] as const)('nothing is set %s, and the event is told', async (_when, wanted, whom) => {
  await storing(lasting('gold', 'active', 31));
  let told = 0;
  await keeping(wanted)(whom, () => Promise.resolve(void (told += 1)));
  expect([webEngage.users, told]).toEqual([[], 1]);
});

test.each([
  [new RetryableError('webengage_503', 'later'), 'failed'],
  [new PermanentError('webengage_400', 'never'), 'refused'],
] as const)('%s of the attributes holds back no event, and the delivery fails after it', async (failure, outcome) => {
  await storing(lasting('gold', 'active', 31));
  webEngage.failNextUser = failure;
  let told = 0;
  const tell = (): Promise<void> => Promise.resolve(void (told += 1));
  const keep = keeping();
  await expect(keep(about, tell)).rejects.toBe(failure);
  await keep(about, tell);
  expect([told, webEngage.users.length, counted]).toEqual([2, 2, [outcome, 'sent']]);
});

test('of two calls at the same moment the later one says what is so now', async () => {
  await storing(lasting('gold', 'pending', 31));
  const keep = keeping();
  const first = keep(about, nothing);
  await changeDocument(backend.store, memberships, 'gold', () => lasting('gold', 'active', 31));
  await Promise.all([first, keep(about, nothing)]);
  expect(webEngage.users.at(-1)).toMatchObject({ attributes: { membershipStatus: 'active' } });
});
