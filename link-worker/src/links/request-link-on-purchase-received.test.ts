import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { deadLetterId, deadLetters, type DeadLetter } from '@paid-community/shared/model/operations/dead-letter.ts';
import { inviteRequests, type InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { membershipIdOf } from '@paid-community/shared/model/memberships/membership.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { createDocument, updateDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { PoolDemand } from '../pool/pool-demand.ts';
import { poolProcess } from '../pool/testing/stored-pool.ts';
import { requestLinkOnPurchaseReceived } from './request-link-on-purchase-received.ts';

const REQUEST_ID = '01234567-89ab-8def-8123-456789abcdef';
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const LETTER_ID = deadLetterId(inviteQueue.name, REQUEST_ID);

describe('a purchase that is posted', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let clock: ManualClock;
  let taskQueue: RecordingTaskQueue;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    taskQueue = new RecordingTaskQueue();
  });

  afterEach(() => close());

  const iso = (offsetMs = 0): string => new Date(clock.now() + offsetMs).toISOString();
  const names = (): string[] => taskQueue.tasks.map(({ name }) => name);

  /** As it was accepted at that time, which is now when nothing is said. */
  async function deliver(acceptedAt = iso(), makesMembership?: 'unknown'): Promise<void> {
    const bought = { requestId: REQUEST_ID, userId: 'user-1', transactionId: 'txn-1', communityId: 'default' };
    const data = makesMembership === undefined ? bought : { ...bought, makesMembership };
    const event = PurchaseReceived.create({ time: acceptedAt, traceparent: TRACEPARENT, data });
    await requestLinkOnPurchaseReceived(event, {
      ...poolProcess({ store: backend.store, clock }),
      demand: new PoolDemand(5, { store: backend.store, clock, log: silentLog }),
      eventBus: new RecordingEventBus(),
      taskQueue,
      measure: () => undefined,
      retentionDays: 400,
      communities: { get: () => Promise.resolve(someCommunity({ entry: 'request' })) },
      placeInLine: () => Promise.resolve(undefined),
    });
  }

  async function request(): Promise<InviteRequestDocument | undefined> {
    return (await backend.store.get(inviteRequests, REQUEST_ID))?.data;
  }

  async function becomes(change: Partial<InviteRequestDocument>): Promise<void> {
    const read = await backend.store.get(inviteRequests, REQUEST_ID);
    if (read === undefined) throw new Error('There is no request yet');
    await backend.store.commit([updateDocument(inviteRequests, read, { ...read.data, ...change })]);
  }

  const givenUp = (): Promise<void> =>
    becomes({
      status: 'FAILED',
      attempts: 50,
      failedAt: iso(),
      nextAttemptAt: undefined,
      lastError: { code: 'telegram_unreachable', message: 'no answer' },
    });

  test('is recorded and gets its first task; a redelivery before the first attempt asks for the same task', async () => {
    await deliver();
    await deliver();
    expect(await request()).toMatchObject({ status: 'QUEUED', attempts: 0, userId: 'user-1' });
    expect(new Set(names())).toEqual(new Set([`${REQUEST_ID}-1-0`]));
  });

  test('makes a membership as its community wants now, when the settings were unknown when it was accepted', async () => {
    await deliver(iso(), 'unknown');
    expect((await request())?.membershipId).toBe(membershipIdOf('default', { userId: 'user-1' }));
  });

  test('makes no membership when its community has come to want them since', async () => {
    await deliver();
    expect((await request())?.membershipId).toBeUndefined();
  });

  test.each(['DONE', 'PROCESSING'] as const)('again, when its request is %s, gets no other task', async (status) => {
    await deliver();
    await becomes({ status, attempts: 1 });
    clock.advance(60_000);
    await deliver();
    expect(names()).toHaveLength(1);
    expect(await request()).toMatchObject({ status, attempts: 1 });
  });

  test('again, after its request was given up, is tried again with all its attempts: once for each post, however often it is delivered', async () => {
    await deliver();
    for (const retries of [1, 2]) {
      await givenUp();
      clock.advance(60_000);
      const postedAt = iso();
      await deliver(postedAt);
      await deliver(postedAt);
      expect(await request()).toMatchObject({ status: 'PROCESSING', attempts: 0, retries, nextAttemptAt: iso() });
      expect(await request()).not.toHaveProperty('failedAt');
      // It is given up once more, and the same post is delivered late, or replayed.
      clock.advance(60_000);
      await givenUp();
      await deliver(postedAt);
      expect(await request()).toMatchObject({ status: 'FAILED', retries });
    }
    expect([...new Set(names())]).toEqual([`${REQUEST_ID}-1-0`, `${REQUEST_ID}-r1-1-0`, `${REQUEST_ID}-r2-1-0`]);
  });

  test('before its request was given up, and delivered after it, was answered truly: nothing is tried again', async () => {
    await deliver();
    clock.advance(1_000);
    const postedAt = iso();
    clock.advance(1_000);
    await givenUp();
    await deliver(postedAt);
    expect(await request()).toMatchObject({ status: 'FAILED' });
    expect(names()).toHaveLength(1);
  });

  test('again, when a clock that was ahead wrote that it was given up, is tried again', async () => {
    await deliver();
    await givenUp();
    await becomes({ failedAt: iso(30 * 86_400_000) });
    await deliver();
    expect(await request()).toMatchObject({ status: 'PROCESSING', retries: 1 });
  });

  test('again, and the process dies before the task is queued: the redelivery queues it', async () => {
    await deliver();
    await givenUp();
    clock.advance(60_000);
    const postedAt = iso();
    taskQueue.failNext = new Error('killed');
    await expect(deliver(postedAt)).rejects.toThrow('killed');
    expect(names()).toHaveLength(1);
    await deliver(postedAt);
    expect(names().slice(1)).toEqual([`${REQUEST_ID}-r1-1-0`]);
    expect(await request()).toMatchObject({ status: 'PROCESSING', retries: 1 });
  });

  describe('after its request was erased', () => {
    let postedBefore: string;

    beforeEach(async () => {
      postedBefore = iso();
      await deliver();
      clock.advance(60_000);
      await becomes({
        userId: '',
        transactionId: '',
        status: 'ERASED',
        attempts: 0,
        generation: 2,
        retries: 3,
        erased: { at: iso(), times: 1, generation: 2 },
      });
    });

    test.each([
      ['was posted before', () => postedBefore],
      ['was posted in the very moment', () => iso()],
    ])('and %s that, is a replay and brings nothing back', async (_name, acceptedAt) => {
      await deliver(acceptedAt());
      expect(await request()).toMatchObject({ status: 'ERASED', userId: '' });
      expect(names()).toHaveLength(1);
    });

    test('and was posted after that, is a new purchase, with numbers after those that were erased', async () => {
      clock.advance(1);
      const postedAfter = iso();
      await deliver(postedAfter);
      const isNew = {
        status: 'QUEUED',
        attempts: 0,
        userId: 'user-1',
        transactionId: 'txn-1',
        createdAt: postedAfter,
        generation: 3,
        retries: 4,
        erased: { times: 1, generation: 2 },
      };
      expect(await request()).toMatchObject(isNew);
      // Delivered again, and the one of before replayed, in any order.
      for (const acceptedAt of [postedBefore, postedAfter, postedBefore]) await deliver(acceptedAt);
      expect(await request()).toMatchObject(isNew);
      expect([...new Set(names())]).toEqual([`${REQUEST_ID}-1-0`, `${REQUEST_ID}-r4-1-0`]);
    });

    test('and the process dies before the task of the new one is queued: the redelivery queues it', async () => {
      clock.advance(1);
      const postedAfter = iso();
      taskQueue.failNext = new Error('killed');
      await expect(deliver(postedAfter)).rejects.toThrow('killed');
      await deliver(postedAfter);
      expect(names().slice(1)).toEqual([`${REQUEST_ID}-r4-1-0`]);
    });

    test('by an older version of this program, which wrote less into the tombstone', async () => {
      await becomes({ generation: undefined, retries: undefined, erased: undefined, createdAt: iso() });
      await deliver(postedBefore);
      expect(await request()).toMatchObject({ status: 'ERASED' });
      clock.advance(1);
      await deliver();
      expect(await request()).toMatchObject({
        status: 'QUEUED',
        generation: 2,
        retries: 1,
        erased: { times: 1, generation: 1 },
      });
    });
  });

  test('again settles the dead letter of its request: no operator has to', async () => {
    await deliver();
    await givenUp();
    const letter: DeadLetter = {
      source: inviteQueue.name,
      message: { data: '{}', attributes: {} },
      status: 'open',
      code: 'attempts_exhausted',
      retries: 0,
      firstAt: iso(),
      lastAt: iso(),
      history: [],
      actions: [],
    };
    await backend.store.commit([createDocument(deadLetters, LETTER_ID, letter)]);
    clock.advance(60_000);
    await deliver();
    expect((await backend.store.get(deadLetters, LETTER_ID))?.data).toMatchObject({
      status: 'retried',
      retries: 1,
      actions: [{ by: 'the purchase, posted again', action: 'retried' }],
    });
  });
});
