import { handleByType } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteRequests, type InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { eventEmitter } from '../service.ts';
import type { WebEngageClient, WebEngageEvent } from '../webengage/client.ts';
import { WebEngageCallError } from '../webengage/errors.ts';

const HOUR_MS = 3_600_000;

describe('the event of a link that has waited', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let clock: ManualClock;
  let eventBus: RecordingEventBus;
  let told: WebEngageEvent[];
  let looks: number;
  let look: () => ReturnType<WebEngageClient['probe']>;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    eventBus = new RecordingEventBus();
    told = [];
    looks = 0;
    look = () => Promise.resolve({ status: 400, body: '', serverTimeMs: undefined });
  });

  afterEach(() => close());

  const webEngage: WebEngageClient = {
    apiRoot: '',
    send: (event) => {
      told.push(event);
      return Promise.resolve({ status: 201, body: '' });
    },
    setAttributes: () => Promise.resolve(),
    probe: () => {
      looks += 1;
      return look();
    },
    close: () => undefined,
  };

  /** Delivers the event of a link that was made when the clock started, with so long to live. */
  async function deliver(livesMs: number | undefined, generation?: number): Promise<void> {
    const service = eventEmitter({
      config: { RETENTION_DAYS: 400, WEBENGAGE_USER_ATTRIBUTES: 'true' },
      store: backend.store,
      eventBus,
      webEngage,
      clock,
      log: silentLog,
      telemetry: noTelemetry,
    });
    const createdAt = Date.parse('2026-01-01T00:00:00.000Z');
    const event = LinkCreated.create({
      generation,
      time: new Date(createdAt).toISOString(),
      traceparent: '',
      data: {
        requestId: 'r1',
        userId: 'u',
        transactionId: '',
        inviteLink: 'https://t.me/+x',
        ...(livesMs === undefined ? {} : { linkExpiresAt: new Date(createdAt + livesMs).toISOString() }),
        ...(generation === undefined ? {} : { generation }),
      },
    });
    const [binding] = service.subscriptions;
    if (binding === undefined) throw new Error('Nothing takes the event');
    await handleByType(binding)({
      data: JSON.stringify(event),
      attributes: {},
      messageId: '1',
      publishTime: new Date(createdAt),
      deliveryAttempt: 1,
    });
  }

  async function requestWith(part: Partial<InviteRequestDocument>): Promise<void> {
    const at = '2026-01-01T00:00:00.000Z';
    const request: InviteRequestDocument = {
      requestId: 'r1',
      userId: 'u',
      transactionId: '',
      communityId: 'default',
      status: 'DONE',
      attempts: 1,
      createdAt: at,
      updatedAt: at,
      traceparent: '',
      ...part,
    };
    await backend.store.commit([createDocument(inviteRequests, 'r1', request)]);
  }

  const askedFor = (): readonly unknown[] => eventBus.eventsOn(purchaseEvents).map(({ id }) => id);

  test.each([
    ['for ever', 30 * 24 * HOUR_MS, undefined],
    ['with days to live', 24 * HOUR_MS, 72 * HOUR_MS],
    ['with just more than an hour of its days to live', 46.9 * HOUR_MS, 48 * HOUR_MS],
    ['with just more than a tenth of its hour to live', 53 * 60_000, HOUR_MS],
  ])('that lives %s is told', async (_name, waitedMs, livesMs) => {
    clock.advance(waitedMs);
    await deliver(livesMs);
    expect(told).toHaveLength(1);
    expect(askedFor()).toEqual([]);
    expect(looks).toBe(0);
  });

  test.each([
    ['expired', 49 * HOUR_MS, 48 * HOUR_MS],
    ['expires within the hour', 47.1 * HOUR_MS, 48 * HOUR_MS],
    ['has less than a tenth of its hour to live', 55 * 60_000, HOUR_MS],
    ['lived for seconds', 7_000, 7_200],
  ])('that %s is not told: another link is asked for, under one id however often', async (_name, waitedMs, livesMs) => {
    await requestWith({});
    clock.advance(waitedMs);
    await deliver(livesMs);
    await deliver(livesMs);
    expect(told).toEqual([]);
    expect(askedFor()).toEqual(['r1.link-expired', 'r1.link-expired']);
    expect((await backend.store.get(emissions, 'r1.link-created'))?.data).toBeUndefined();
  });

  test('that expired after it was told is left at that', async () => {
    await deliver(HOUR_MS);
    clock.advance(2 * HOUR_MS);
    await deliver(HOUR_MS);
    expect(told).toHaveLength(1);
    expect(askedFor()).toEqual([]);
  });

  test.each([
    [
      'does not answer',
      () => Promise.reject(new WebEngageCallError('webengage_unreachable', 'no answer', { isBrief: true })),
    ],
    ['has trouble of its own', () => Promise.resolve({ status: 503, body: '', serverTimeMs: undefined })],
    ['refuses the key', () => Promise.resolve({ status: 401, body: '', serverTimeMs: undefined })],
  ])('that expired waits on while WebEngage %s: the next link would expire as well', async (_name, answer) => {
    look = answer;
    clock.advance(2 * HOUR_MS);
    await expect(deliver(HOUR_MS)).rejects.toMatchObject({ code: expect.stringMatching(/^webengage_/) });
    expect(askedFor()).toEqual([]);
  });

  test.each([undefined, HOUR_MS])(
    'whose link another one has replaced is not told, whether it lives or not (%p)',
    async (livesMs) => {
      await requestWith({ generation: 2 });
      clock.advance(2 * HOUR_MS);
      await deliver(livesMs);
      expect(told).toEqual([]);
      expect(askedFor()).toEqual([]);
      await deliver(undefined, 2);
      expect(told.map(({ eventId }) => eventId)).toEqual(['r1.link-created.2']);
    },
  );
});
