import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { foldGrants } from '@paid-community/shared/model/memberships/covered-time.ts';
import type { Grant } from '@paid-community/shared/model/memberships/grant.ts';
import { newMembership, withFold } from '@paid-community/shared/model/memberships/membership-life.ts';
import { stepped } from '@paid-community/shared/model/memberships/steps.ts';
import type {
  MembershipEventType,
  MembershipFacts,
} from '@paid-community/shared/model/memberships/membership-event-types.ts';
import { membershipEventDefinitions } from '@paid-community/shared/model/memberships/membership-events.ts';
import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { emissions, membershipEventName } from '@paid-community/shared/model/emissions/emission.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { handleByType } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { events } from '@paid-community/shared/platform/telemetry/metric-definitions.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { membershipsForEventEmitter } from '@paid-community/shared/topology.ts';
import { eventEmitter } from '../service.ts';
import { FakeWebEngage } from '../webengage/testing/fake-web-engage.ts';

/** The clock begins at 2026-01-01; the membership ends 30 days later. */
const START = '2026-01-01T00:00:00.000Z';
const END = '2026-01-31T00:00:00.000Z';
const DAY_MS = 24 * 3_600_000;
const rules = { timeZone: 'UTC', removal: 'off', reminders: ['P7D', 'P3D'] } as const;
const FACTS: MembershipFacts = {
  membershipId: 'm1',
  communityId: 'gold',
  userId: 'user-1',
  requestId: 'r1',
  transactionId: 't1',
  planId: 'gold-month',
  planName: 'Gold, a month',
  telegramUserId: '77',
  startsAt: START,
  endsAt: END,
};

let clock: ManualClock;
let backend: Backend;
let close: () => Promise<void>;
let webEngage: FakeWebEngage;
let lines: string[];
let counted: Record<string, number>;

beforeEach(async () => {
  clock = new ManualClock();
  ({ backend, close } = openTemporaryBackend(clock));
  webEngage = new FakeWebEngage();
  lines = [];
  counted = {};
  await backend.store.commit([
    createDocument(communities, 'gold', someCommunity()),
    createDocument(memberships, 'm1', bought()),
  ]);
});

afterEach(() => close());

function bought(): Membership {
  const grant: Grant = {
    grantId: 'r1',
    kind: 'purchase',
    membershipId: 'm1',
    communityId: 'gold',
    userId: 'user-1',
    transactionId: 't1',
    planId: 'gold-month',
    planName: 'Gold, a month',
    period: 'P30D',
    from: START,
    createdAt: START,
  };
  const fold = foldGrants([grant], undefined, { timeZone: 'UTC' });
  const known = newMembership({ membershipId: 'm1', communityId: 'gold', userId: 'user-1' }, clock.now());
  return withFold(known, fold, { what: 'bought' }, rules, clock.now());
}

async function deliver(type: MembershipEventType, facts: Partial<MembershipFacts> = {}, generation = 1): Promise<void> {
  const service = eventEmitter({
    config: { RETENTION_DAYS: 400, WEBENGAGE_USER_ATTRIBUTES: 'true' },
    ...backend,
    webEngage,
    clock,
    log: createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) }),
    telemetry: {
      ...noTelemetry,
      series: ({ name }, attributes: Readonly<Record<string, unknown>>) => ({
        record: () => {
          if (name !== events.name) return;
          const key = Object.values(attributes).join(' ');
          counted[key] = (counted[key] ?? 0) + 1;
        },
      }),
    },
  });
  const binding = service.subscriptions.find(({ subscription }) => subscription === membershipsForEventEmitter);
  if (binding === undefined) throw new Error('Nothing takes the event');
  const time = new Date(clock.now()).toISOString();
  const event = membershipEventDefinitions[type].create({
    generation,
    time,
    traceparent: '',
    data: { ...FACTS, ...facts },
  });
  await handleByType(binding)({
    data: JSON.stringify(event),
    attributes: {},
    messageId: '1',
    publishTime: new Date(0),
    deliveryAttempt: 1,
  });
}

test('an event is told by its name, with flat attributes of fixed types, and written into the ledger', async () => {
  await deliver('MembershipStarted');
  expect(webEngage.sent).toEqual([
    {
      eventId: 'm1.membership-started',
      userId: 'user-1',
      eventName: 'pass_paid_community_membership_started',
      eventTime: new Date(START),
      eventData: {
        communityId: 'gold',
        communityName: 'Gold signals',
        planId: 'gold-month',
        planName: 'Gold, a month',
        transactionId: 't1',
        telegramUserId: '77',
        expiresAt: new Date(END),
      },
    },
  ]);
  expect((await backend.store.get(emissions, 'm1.membership-started'))?.data).toMatchObject({
    requestId: 'r1',
    membershipId: 'm1',
    communityId: 'gold',
    eventName: 'pass_paid_community_membership_started',
  });
  expect(counted).toEqual({ 'membership_started sent': 1 });
});

test('every type has a name that WebEngage takes', () => {
  const names = (Object.keys(membershipEventDefinitions) as MembershipEventType[]).map(membershipEventName);
  expect(names).toContain('pass_paid_community_wrong_person_joined');
  expect(names.filter((name) => !/^pass_paid_community_[a-z_]{1,29}$/.test(name))).toEqual([]);
});

test('the community default is named, too', async () => {
  await deliver('MembershipStarted', { communityId: 'default' });
  expect(webEngage.sent).toMatchObject([{ eventData: { communityId: 'default', communityName: 'default' } }]);
});

test('an event that is delivered again is not told again; the next one of its type is', async () => {
  for (const generation of [1, 1, 2]) await deliver('MembershipRenewed', {}, generation);
  expect(webEngage.sent.map(({ eventId }) => eventId)).toEqual(['m1.membership-renewed', 'm1.membership-renewed.2']);
});

test('what could not be told is told with the next delivery', async () => {
  webEngage.failNext = new RetryableError('webengage_503', 'later');
  await expect(deliver('MembershipStarted')).rejects.toMatchObject({ code: 'webengage_503' });
  await deliver('MembershipStarted');
  expect(counted).toEqual({ 'membership_started failed': 1, 'membership_started sent': 1 });
});

test('a reminder that has waited says how many days are left now', async () => {
  clock.advance(23 * DAY_MS);
  await deliver('MembershipExpiring', { daysLeft: 7 });
  clock.advance(1.5 * DAY_MS);
  await deliver('MembershipExpiring', { daysLeft: 7 }, 2);
  expect(webEngage.sent.map(({ eventData }) => eventData['daysLeft'])).toEqual([7, 6]);
});

test('what has become untrue meanwhile is not told, and the log and the metric say so', async () => {
  clock.advance(30 * DAY_MS);
  await changeDocument(backend.store, memberships, 'm1', (known) => known && stepped(known, rules, clock.now()));
  await deliver('MembershipExpiring', { daysLeft: 3 });
  await deliver('MembershipExpired', { reason: 'expired' });
  expect(webEngage.sent.map(({ eventName }) => eventName)).toEqual(['pass_paid_community_membership_expired']);
  expect(counted).toEqual({ 'membership_expiring superseded': 1, 'membership_expired sent': 1 });
  expect(lines.filter((line) => line.includes('superseded'))).toHaveLength(1);
});

test('somebody who was imported without a userId is not told of, and the log and the metric say so', async () => {
  await deliver('MembershipExpired', { userId: '' });
  expect(webEngage.sent).toEqual([]);
  expect(counted).toEqual({ 'membership_expired no_user': 1 });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ membershipId: 'm1', outcome: 'no_user' }]);
});

test('of somebody who was erased nothing is told any more', async () => {
  await deliver('MembershipExpired', { membershipId: 'gone' });
  expect([webEngage.sent, counted]).toEqual([[], { 'membership_expired erased': 1 }]);
});

test('a test journey is marked, told after its erasure too, and not counted', async () => {
  await deliver('MemberRemoved', { membershipId: 'gone', test: true });
  expect(webEngage.sent).toMatchObject([{ eventData: { test: true } }]);
  expect(counted).toEqual({});
});

test('the attributes of the user are set before the event is told, and an event that is not told sets them too', async () => {
  webEngage.failNext = new RetryableError('webengage_503', 'later');
  await expect(deliver('MembershipStarted')).rejects.toThrow('later');
  expect(webEngage.users).toMatchObject([{ userId: 'user-1', attributes: { membershipStatus: 'pending' } }]);
  await deliver('MembershipExpired');
  expect([webEngage.users.length, webEngage.sent.length]).toEqual([2, 1]);
});

test('a reason that is too long for WebEngage is cut', async () => {
  await deliver('WrongPersonJoined', { reason: 'x'.repeat(2_000) });
  expect(webEngage.sent).toMatchObject([{ eventData: { reason: 'x'.repeat(999) } }]);
});
