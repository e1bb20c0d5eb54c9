import { handleByType } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { toDeadLetter } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteRequests, type InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import type { HttpRequest, HttpResponse } from '@paid-community/shared/platform/http/route.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { ReceivedMessage } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { Service } from '@paid-community/shared/platform/service/service.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { COMMUNITY_FRESH_MS } from '@paid-community/shared/communities/known-communities.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { intakeService } from './service.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const UUID_V8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('intake-service', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let clock: ManualClock;
  let eventBus: RecordingEventBus;
  let service: Service;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    eventBus = new RecordingEventBus();
    service = intakeService({
      config: { INTAKE_API_KEYS: ['key'], OPERATOR_API_KEYS: [], RETENTION_DAYS: 400 },
      administration: backend.administration,
      checkReady: () => backend.checkReady(),
      eventBus,
      taskQueue: backend.taskQueue,
      store: backend.store,
      clock,
      log: silentLog,
      telemetry: noTelemetry,
    });
  });

  afterEach(() => close());

  function call(path: string, request: Partial<HttpRequest>): Promise<HttpResponse> {
    const route = service.routes.find((candidate) => candidate.path === path);
    if (route === undefined) throw new Error(`No route ${path}`);
    return route.handle({
      headers: {},
      params: {},
      query: {},
      body: undefined,
      caller: 'anybody',
      traceparent: TRACEPARENT,
      ...request,
    });
  }

  async function buy(body: object, headers: Record<string, string> = {}): Promise<string> {
    const response = await call('/v1/invite/request', { body, headers });
    return (response.body as { requestId: string }).requestId;
  }

  describe('accepting a purchase', () => {
    test('answers 202 with the id once the purchase is published', async () => {
      const response = await call('/v1/invite/request', { body: { userId: '12345', transactionId: 'txn_abc' } });
      expect(response).toEqual({
        status: 202,
        body: { ok: true, status: 'queued', requestId: expect.stringMatching(UUID_V8) },
      });
      const { requestId } = response.body as { requestId: string };
      expect(eventBus.eventsOn(purchaseEvents)).toEqual([
        {
          specversion: '1.0',
          id: `${requestId}.purchase-received`,
          type: 'PurchaseReceived',
          source: 'intake-service',
          subject: requestId,
          time: '2026-01-01T00:00:00.000Z',
          datacontenttype: 'application/json',
          traceparent: TRACEPARENT,
          data: { requestId, userId: '12345', transactionId: 'txn_abc', communityId: 'default' },
        },
      ]);
      expect(eventBus.published[0]?.message.attributes).toEqual({
        id: `${requestId}.purchase-received`,
        type: 'PurchaseReceived',
        subject: requestId,
        traceparent: TRACEPARENT,
      });
    });

    test('the same user and transaction always get the same id', async () => {
      const id = await buy({ userId: 'a', transactionId: 'bc' });
      expect(await buy({ userId: 'a', transactionId: 'bc' }, { 'idempotency-key': 'ignored' })).toBe(id);
      expect(await buy({ userId: 'ab', transactionId: 'c' })).not.toBe(id);
      expect(await buy({ userId: 'other', transactionId: 'bc' })).not.toBe(id);
    });

    test('without a transaction the idempotency key does the same job', async () => {
      const id = await buy({ userId: 'a' }, { 'idempotency-key': 'k1' });
      expect(await buy({ userId: 'a', transactionId: '' }, { 'idempotency-key': 'k1' })).toBe(id);
      expect(await buy({ userId: 'a' }, { 'idempotency-key': 'k2' })).not.toBe(id);
      expect(await buy({ userId: 'b' }, { 'idempotency-key': 'k1' })).not.toBe(id);
      expect(await buy({ userId: 'a', transactionId: 'k1' })).not.toBe(id);
    });

    test('with neither, every call is a new purchase', async () => {
      expect(await buy({ userId: 'a' })).not.toBe(await buy({ userId: 'a' }));
    });

    test.each([
      ['no user', {}, '/userId'],
      ['an empty user', { userId: '' }, '/userId'],
      ['a blank user', { userId: ' \t' }, '/userId'],
      ['a user of 101 characters', { userId: 'x'.repeat(101) }, '/userId'],
      ['a number with a fraction as user', { userId: 1.5 }, '/userId'],
      ['a number that JSON does not hold to its last digit', { userId: 2 ** 53 }, '/userId'],
      ['such a transaction', { userId: 'a', transactionId: -1e300 }, '/transactionId'],
      ['a boolean as user', { userId: true }, '/userId'],
      ['a community that nobody connected', { userId: 'a', communityId: 'gold' }, '/communityId'],
      ['an id that no community can have', { userId: 'a', communityId: 'Gold' }, '/communityId'],
      ['a number as community', { userId: 'a', communityId: 7 }, '/communityId'],
      ['null as transaction', { userId: 'a', transactionId: null }, '/transactionId'],
      ['a transaction of 1,000 characters', { userId: 'a', transactionId: 'x'.repeat(1_000) }, '/transactionId'],
      ['a misspelt field', { userId: 'a', transactionID: 'x' }, ''],
    ])('%s is refused with its path, and nothing is published', async (_name, body, path) => {
      const refusal = call('/v1/invite/request', { body });
      await expect(refusal).rejects.toMatchObject({
        code: 'invalid_request',
        issues: expect.arrayContaining([expect.objectContaining({ path })]),
      });
      expect(eventBus.published).toEqual([]);
    });

    test('ids that come as JSON integers are read as their digits', async () => {
      const id = await buy({ userId: 12345, transactionId: Number.MAX_SAFE_INTEGER });
      expect(eventBus.eventsOn(purchaseEvents)).toMatchObject([
        { data: { userId: '12345', transactionId: '9007199254740991' } },
      ]);
      expect(await buy({ userId: '12345', transactionId: '9007199254740991' })).toBe(id);
    });

    test('a purchase of a connected community carries its id, and is another request than the same one of default', async () => {
      await backend.store.commit([createDocument(communities, 'gold', someCommunity())]);
      const id = await buy({ userId: 'a', transactionId: 't', communityId: 'gold' });
      expect(await buy({ userId: 'a', transactionId: 't', communityId: 'default' })).not.toBe(id);
      expect(await buy({ userId: 'a', transactionId: 't', communityId: 'gold' })).toBe(id);
      expect(eventBus.eventsOn(purchaseEvents)).toMatchObject([
        { data: { communityId: 'gold' } },
        { data: { communityId: 'default' } },
        { data: { communityId: 'gold' } },
      ]);
    });

    test.each([
      ['waits for its connection', { state: 'waiting', chatId: undefined }, 'tap its connection link'],
      ['was disconnected', { state: 'disconnected', disconnectedAt: '2026-01-01T00:00:00.000Z' }, 'disconnected'],
    ] as const)('a community that %s takes no purchase, and the answer says so', async (_, fields, words) => {
      const document = { ...someCommunity(), ...fields };
      await backend.store.commit([createDocument(communities, 'gold', document)]);
      await expect(buy({ userId: 'a', communityId: 'gold' })).rejects.toMatchObject({
        code: 'invalid_request',
        issues: [{ path: '/communityId', message: expect.stringContaining(words) }],
      });
      expect(eventBus.published).toEqual([]);
    });

    test('a community that was connected a moment ago is not refused', async () => {
      const purchase = { userId: 'a', communityId: 'gold' };
      await expect(buy(purchase)).rejects.toMatchObject({ code: 'invalid_request' });
      await backend.store.commit([createDocument(communities, 'gold', someCommunity())]);
      expect(await buy(purchase)).toMatch(/^[0-9a-f-]{36}$/);
    });

    test('default takes purchases until an operator disconnects it', async () => {
      await buy({ userId: 'a' });
      const { state, disconnectedAt } = { state: 'disconnected', disconnectedAt: '2026-01-01T00:00:00.000Z' } as const;
      const document = { ...someCommunity(), communityId: 'default', state, disconnectedAt };
      await backend.store.commit([createDocument(communities, 'default', document)]);
      clock.advance(COMMUNITY_FRESH_MS);
      await buy({ userId: 'a' });
      await eventually(() =>
        expect(buy({ userId: 'a' })).rejects.toMatchObject({ issues: [{ path: '/communityId' }] }),
      );
    });

    test.each([
      ['userId', 100],
      ['transactionId', 999],
    ])('%s has at most %d characters as WebEngage counts them: an emoji is two', async (field, most) => {
      const emoji = '😀'.repeat(Math.floor(most / 2));
      expect(await buy({ userId: 'a', transactionId: 't', [field]: emoji.padEnd(most, 'x') })).toMatch(UUID_V8);
      await expect(buy({ userId: 'a', [field]: emoji.padEnd(most + 1, 'x') })).rejects.toMatchObject({
        code: 'invalid_request',
        issues: [{ path: `/${field}`, message: expect.stringContaining(`at most ${most}`) }],
      });
      await expect(buy({ userId: 'a', [field]: '😀'.repeat(most) })).rejects.toMatchObject({ code: 'invalid_request' });
    });

    test('half of a surrogate pair has no form in UTF-8, and is refused', async () => {
      for (const body of [
        { userId: 'a\ud83d' },
        { userId: '\ude00a' },
        { userId: 'a', transactionId: '\ude00\ud83d' },
      ]) {
        await expect(buy(body)).rejects.toMatchObject({
          code: 'invalid_request',
          issues: [{ message: 'must be whole Unicode characters, not half of a surrogate pair' }],
        });
      }
      expect(eventBus.published).toEqual([]);
    });

    test('everything else in a user or a transaction is kept to the last character', async () => {
      const body = { userId: ' \u0000a\u00e9\ufeff\u200d😀\u007f ', transactionId: '\ttxn\n' };
      await buy(body);
      expect(eventBus.eventsOn(purchaseEvents)).toMatchObject([{ data: body }]);
    });

    test('an idempotency key that is empty or too long is refused', async () => {
      for (const key of ['', 'x'.repeat(256)]) {
        await expect(buy({ userId: 'a' }, { 'idempotency-key': key })).rejects.toMatchObject({
          code: 'invalid_request',
        });
      }
    });

    test('a purchase that could not be made durable is not acknowledged', async () => {
      eventBus.failNext = new RetryableError('storage_full', 'no space');
      await expect(buy({ userId: 'a' })).rejects.toMatchObject({ code: 'storage_full' });
    });
  });

  describe('showing a request', () => {
    const requestId = '01234567-89ab-8def-8123-456789abcdef';
    const at = '2026-01-01T00:00:00.000Z';
    const queued: InviteRequestDocument = {
      requestId,
      userId: 'a',
      transactionId: 't',
      communityId: 'default',
      status: 'QUEUED',
      attempts: 0,
      createdAt: at,
      updatedAt: at,
      traceparent: TRACEPARENT,
    };

    function show(id: string): Promise<HttpResponse> {
      return call('/v1/invite/requests/:requestId', { params: { requestId: id } });
    }

    test('a fresh one has neither link nor events', async () => {
      await backend.store.commit([createDocument(inviteRequests, requestId, queued)]);
      const shown = await show(requestId);
      expect(JSON.parse(JSON.stringify(shown.body))).toEqual({
        ok: true,
        requestId,
        status: 'QUEUED',
        attempts: 0,
        createdAt: at,
        updatedAt: at,
        weLinkEventFired: false,
        joinEventFired: false,
      });
    });

    test('a finished one shows link, events and times from all services', async () => {
      const done: InviteRequestDocument = {
        ...queued,
        status: 'DONE',
        attempts: 1,
        inviteLink: 'https://t.me/+x',
        linkCreatedAt: at,
      };
      const answer = { status: 201, body: '' };
      await backend.store.commit([
        createDocument(inviteRequests, requestId, done),
        createDocument(joins, requestId, { requestId, telegramUserId: '7', joinedAt: at, inviteLinkHash: 'h' }),
        createDocument(emissions, `${requestId}.link-created`, {
          eventId: '',
          requestId,
          eventName: '',
          sentAt: at,
          answer,
        }),
        createDocument(emissions, `${requestId}.member-joined`, {
          eventId: '',
          requestId,
          eventName: '',
          sentAt: at,
          answer,
        }),
      ]);
      const shown = await show(requestId);
      expect(shown.body).toMatchObject({
        status: 'DONE',
        inviteLink: 'https://t.me/+x',
        linkCreatedAt: at,
        weLinkEventFired: true,
        linkEventSentAt: at,
        joinedAt: at,
        joinEventFired: true,
        joinEventSentAt: at,
      });
    });

    test.each(['unknown', '../x', '', '01234567-89ab-8def-8123-456789abcdee'])('"%s" is not found', async (id) => {
      await expect(show(id)).rejects.toMatchObject({ code: 'not_found' });
    });
  });

  describe('recording dead letters', () => {
    const letter = toDeadLetter(
      { data: '{"x":1}', attributes: { id: 'request.purchase-received', type: 'PurchaseReceived' } },
      {
        source: 'link-worker-purchase-events',
        attempts: 3,
        code: 'invalid_event',
        reason: 'Not a PurchaseReceived event',
      },
    );
    const message: ReceivedMessage = {
      ...letter,
      messageId: 'm1',
      publishTime: new Date('2026-01-01T00:00:00Z'),
      deliveryAttempt: 1,
    };

    async function stored(): Promise<readonly unknown[]> {
      const page = await backend.store.query({
        collection: deadLetters,
        where: { status: 'open', source: 'link-worker-purchase-events' },
        orderBy: { field: 'lastAt', direction: 'descending' },
        limit: 10,
      });
      return page.documents.map((document) => document.data);
    }

    async function record(...messages: readonly ReceivedMessage[]): Promise<void> {
      const [binding] = service.subscriptions;
      if (binding === undefined) throw new Error('Nothing takes dead letters');
      await Promise.all(messages.map(handleByType(binding)));
    }

    test('keeps the message, its source, the reason and the attempts', async () => {
      await record(message);
      expect(await stored()).toEqual([
        {
          source: 'link-worker-purchase-events',
          message: { data: '{"x":1}', attributes: { id: 'request.purchase-received', type: 'PurchaseReceived' } },
          status: 'open',
          code: 'invalid_event',
          retries: 0,
          expiresAt: '2027-02-05T00:00:00.000Z',
          firstAt: '2026-01-01T00:00:00.000Z',
          lastAt: '2026-01-01T00:00:00.000Z',
          history: [
            {
              messageId: 'm1',
              at: '2026-01-01T00:00:00.000Z',
              code: 'invalid_event',
              reason: 'Not a PurchaseReceived event',
              attempts: 3,
            },
          ],
          actions: [],
        },
      ]);
    });

    test('the same delivery again, even at the same time, changes nothing', async () => {
      await record(message, message, message);
      expect(await stored()).toMatchObject([{ history: [{ messageId: 'm1' }] }]);
    });

    test('of a message too large for a document the beginning is kept', async () => {
      await record({ ...message, data: '\u0001'.repeat(2_000_000) });
      expect(await stored()).toMatchObject([
        { message: { data: '\u0001'.repeat(150_000), cutFromCharacters: 2_000_000 } },
      ]);
    });

    test('the same fact that fails again is one dead letter with a history', async () => {
      await record(message);
      await record({ ...message, messageId: 'm2', publishTime: new Date('2026-01-02T00:00:00Z') });
      expect(await stored()).toMatchObject([
        {
          firstAt: '2026-01-01T00:00:00.000Z',
          lastAt: '2026-01-02T00:00:00.000Z',
          history: [{ messageId: 'm1' }, { messageId: 'm2' }],
        },
      ]);
    });
  });
});
