import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import {
  MemberLeft,
  MemberRejoined,
  MemberRemoved,
} from '@paid-community/shared/model/memberships/membership-events.ts';
import { membershipIdOf, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { MembershipFacts } from '@paid-community/shared/model/memberships/membership-event-types.ts';
import type { EventDefinition } from '@paid-community/shared/platform/delivery/define-event.ts';
import { MembershipsApi } from '../../testing/memberships-api.ts';

const HOUR_MS = 3_600_000;
const MEMBERSHIP = membershipIdOf('gold', { userId: 'asha' });
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let api: MembershipsApi;
let startMs: number;

beforeEach(async () => {
  api = new MembershipsApi();
  await api.open();
  startMs = api.operator.clock.now();
  await api.operator.call('queue.pause', { name: 'tg-invite-queue' });
});
afterEach(() => api.close());

const at = (hours: number): string => new Date(startMs + hours * HOUR_MS).toISOString();

/** Somebody has come by the link of a purchase, as it was told then. */
async function joined(hours: number, telegramUserId = '42'): Promise<void> {
  const purchase = { requestId: 'request-of-asha', communityId: 'gold', userId: 'asha', transactionId: 'txn-1' };
  const data = { ...purchase, inviteLink: 'https://t.me/+asha', telegramUserId, membershipId: MEMBERSHIP };
  const event = MemberJoined.create({ time: at(hours), traceparent: TRACEPARENT, data });
  await MemberJoined.publish(api.operator.backend.eventBus, event);
}

async function happened(
  definition: EventDefinition<MembershipFacts>,
  hours: number,
  facts: Partial<MembershipFacts> = {},
): Promise<void> {
  const data = { membershipId: MEMBERSHIP, communityId: 'gold', userId: 'asha', telegramUserId: '42', ...facts };
  const event = definition.create({ generation: hours, time: at(hours), traceparent: TRACEPARENT, data });
  await definition.publish(api.operator.backend.eventBus, event);
}

async function rebuilt(dryRun = false): Promise<Membership | undefined> {
  api.operator.clock.advance(24 * HOUR_MS);
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const asked = { since: at(0), dryRun, ...(cursor === undefined ? {} : { cursor }) };
    ({ nextCursor: cursor } = await api.operator.call<{ nextCursor?: string }>('store.rebuild', asked));
  }
  return api.stored(MEMBERSHIP);
}

test('a rebuild binds who came by the link of a purchase, and it is told to nobody again', async () => {
  await api.member('asha');
  await joined(1);
  expect(await rebuilt(true)).toMatchObject({ presence: 'unknown' });
  expect(await rebuilt()).toMatchObject({
    telegramUserId: '42',
    presence: 'inside',
    presenceAt: at(1),
    isAdmitted: true,
    enteredBy: { requestId: 'request-of-asha', at: at(1) },
    state: 'active',
  });
  expect(api.told()).toEqual([]);
});

test('before the purchases are replayed, too: the membership waits for its grant', async () => {
  await joined(1);
  expect(await rebuilt()).toMatchObject({ telegramUserId: '42', presence: 'inside', state: 'active' });
  expect(api.told()).toEqual([]);
});

test.each([
  ['left', [[MemberLeft, 2, 'left']], { presence: 'outside', departure: 'left' }],
  ['was put out by an administrator', [[MemberLeft, 2, 'kicked']], { presence: 'outside', departure: 'kicked' }],
  ['was removed', [[MemberRemoved, 2]], { presence: 'outside', departure: 'removed' }],
  [
    'left and came back',
    [
      [MemberRejoined, 3],
      [MemberLeft, 2, 'left'],
    ],
    { presence: 'inside' },
  ],
] as const)('a rebuild knows that somebody %s', async (_what, events, expected) => {
  await api.member('asha');
  await joined(1);
  for (const [definition, hours, reason] of events)
    await happened(definition, hours, reason === undefined ? {} : { reason });
  expect(await rebuilt()).toMatchObject(expected);
  expect(api.told()).toEqual([]);
});

test('what the store knows better stays, and so does another account', async () => {
  await joined(-1);
  await api.member('asha', { telegramUserId: '43' });
  await happened(MemberLeft, 5, { reason: 'left' });
  const before = await api.stored(MEMBERSHIP);
  expect(await rebuilt()).toEqual(before);
});
