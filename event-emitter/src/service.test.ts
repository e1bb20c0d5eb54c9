import { handleByType } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { PermanentError, RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { newMembership } from '@paid-community/shared/model/memberships/membership-life.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import type { ReceivedMessage } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { Service } from '@paid-community/shared/platform/service/service.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { eventEmitter } from './service.ts';
import { FakeWebEngage } from './webengage/testing/fake-web-engage.ts';

describe('event-emitter', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let webEngage: FakeWebEngage;
  let service: Service;

  beforeEach(() => {
    const clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    webEngage = new FakeWebEngage();
    service = newService();
  });

  afterEach(() => close());

  function newService(): Service {
    return eventEmitter({
      config: { RETENTION_DAYS: 400, WEBENGAGE_USER_ATTRIBUTES: 'true' },
      store: backend.store,
      eventBus: backend.eventBus,
      webEngage,
      clock: new ManualClock(),
      log: silentLog,
      telemetry: noTelemetry,
    });
  }

  async function deliver(
    type: 'LinkCreated' | 'MemberJoined',
    extra: object = {},
    data = {},
    to = service,
  ): Promise<void> {
    const [links, joins] = to.subscriptions;
    const event = {
      specversion: '1.0',
      id: type === 'LinkCreated' ? 'r1.link-created' : 'r1.member-joined',
      type,
      source: 'test',
      subject: 'r1',
      time: '2026-01-01T10:00:00.000Z',
      datacontenttype: 'application/json',
      traceparent: '',
      data: {
        requestId: 'r1',
        userId: 'user-1',
        transactionId: '',
        inviteLink: 'https://t.me/+x',
        ...(type === 'MemberJoined' ? { telegramUserId: '77' } : {}),
        ...data,
      },
      ...extra,
    };
    const message: ReceivedMessage = {
      data: JSON.stringify(event),
      attributes: {},
      messageId: '1',
      publishTime: new Date(0),
      deliveryAttempt: 1,
    };
    const binding = type === 'LinkCreated' ? links : joins;
    if (binding === undefined) throw new Error('Nothing takes the event');
    await handleByType(binding)(message);
  }

  test('a created link is told with the time it was created, and written into the ledger', async () => {
    await deliver('LinkCreated');
    expect(webEngage.sent).toEqual([
      {
        eventId: 'r1.link-created',
        userId: 'user-1',
        eventName: 'pass_paid_community_telegram_link_created',
        eventTime: new Date('2026-01-01T10:00:00.000Z'),
        eventData: { transactionId: '', inviteLink: 'https://t.me/+x' },
      },
    ]);
    expect((await backend.store.get(emissions, 'r1.link-created'))?.data).toEqual({
      eventId: 'r1.link-created',
      requestId: 'r1',
      communityId: 'default',
      eventName: 'pass_paid_community_telegram_link_created',
      expiresAt: '2027-02-05T00:00:00.000Z',
      sentAt: '2026-01-01T00:00:00.000Z',
      answer: { status: 201, body: '{"response":{"status":"queued"}}' },
    });
  });

  test('a join is told with the Telegram user as text', async () => {
    await deliver('MemberJoined');
    expect(webEngage.sent).toMatchObject([
      {
        eventName: 'pass_paid_community_telegram_joined',
        eventData: { transactionId: '', inviteLink: 'https://t.me/+x', telegramUserId: '77' },
      },
    ]);
  });

  test('a join of a membership sets the attributes of the user; any other join does not', async () => {
    const known = newMembership({ membershipId: 'm1', communityId: 'gold', userId: 'user-1' }, 0);
    await backend.store.commit([createDocument(memberships, 'm1', known)]);
    await deliver('MemberJoined');
    expect(webEngage.users).toEqual([]);
    await deliver('MemberJoined', { id: 'r2.member-joined' }, { membershipId: 'm1' });
    expect(webEngage.users).toMatchObject([{ userId: 'user-1' }]);
  });

  test('events of another community than default name it; one that the store has lost by its id', async () => {
    await backend.store.commit([createDocument(communities, 'gold', someCommunity())]);
    await deliver('LinkCreated', {}, { communityId: 'gold' });
    await deliver('MemberJoined', {}, { communityId: 'gold' });
    await deliver('LinkCreated', { id: 'r2.link-created' }, { communityId: 'lost' });
    const told = { communityId: 'gold', communityName: 'Gold signals' };
    const link = { transactionId: '', inviteLink: 'https://t.me/+x' };
    expect(webEngage.sent.map(({ eventData }) => eventData)).toEqual([
      { ...link, ...told },
      { ...link, telegramUserId: '77', ...told },
      { ...link, communityId: 'lost', communityName: 'lost' },
    ]);
  });

  test('events of a test journey are marked', async () => {
    await deliver('LinkCreated', {}, { test: true });
    await deliver('MemberJoined', {}, { test: true });
    expect(webEngage.sent.map(({ eventData }) => eventData['test'])).toEqual([true, true]);
  });

  test('what the ledger has is not sent again', async () => {
    await deliver('LinkCreated');
    await deliver('LinkCreated');
    await deliver('LinkCreated', { source: 'a replay' });
    expect(webEngage.sent).toHaveLength(1);
  });

  test('of deliveries at the same moment one is sent, and all of them are acknowledged', async () => {
    await Promise.all([deliver('LinkCreated'), deliver('LinkCreated'), deliver('LinkCreated')]);
    expect(webEngage.sent).toHaveLength(1);
  });

  test('of two processes at the same moment both send the same id, and neither fails', async () => {
    const other = newService();
    await Promise.all([deliver('LinkCreated'), deliver('LinkCreated', {}, {}, other)]);
    expect(new Set(webEngage.sent.map((event) => event.eventId))).toEqual(new Set(['r1.link-created']));
  });

  test.each([new RetryableError('webengage_503', 'later'), new PermanentError('webengage_400', 'never')])(
    'a failed send (%s) leaves no ledger entry',
    async (failure) => {
      webEngage.failNext = failure;
      await expect(deliver('LinkCreated')).rejects.toBe(failure);
      expect(await backend.store.get(emissions, 'r1.link-created')).toBeUndefined();
    },
  );

  test('a ledger that does not answer is retried, although the event was sent', async () => {
    const { store } = backend;
    const failing = {
      ...store,
      get: store.get.bind(store),
      commit: () => Promise.reject(new RetryableError('storage_full', 'no space')),
    };
    backend = { ...backend, store: failing };
    service = newService();
    await expect(deliver('LinkCreated')).rejects.toMatchObject({ code: 'ledger_unavailable' });
  });

  test.each([
    ['of another type', { type: 'SomethingElse' }, {}],
    ['without an id', { id: undefined }, {}],
    ['without a link', {}, { inviteLink: undefined }],
    ['with a number as user', {}, { userId: 7 }],
    ['with a broken time', { time: 'yesterday' }, {}],
  ])('an event %s is for the dead letters', async (_name, extra, data) => {
    await expect(deliver('LinkCreated', extra, data)).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'invalid_event',
    });
    expect(webEngage.sent).toEqual([]);
  });
});
