import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { botRateId, botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { linkCreatedEvents } from '@paid-community/shared/model/topics.ts';
import { createDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { requestLinkOnPurchaseReceived } from '../links/request-link-on-purchase-received.ts';
import type { LinkOutcome } from '../links/link-outcome.ts';
import { linkPools } from '@paid-community/shared/model/links/link-pool.ts';
import { PoolDemand } from './pool-demand.ts';
import { examinePools } from './pool-findings.ts';
import { DAY_MS, poolProcess, StoredPool, TIMES, TTL_MS } from './testing/stored-pool.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const requestIdOf = (number: number): string => `01234567-89ab-8def-8123-${String(number).padStart(12, '0')}`;

describe('a purchase, where links are made ahead', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let clock: ManualClock;
  let taskQueue: RecordingTaskQueue;
  let eventBus: RecordingEventBus;
  let pool: StoredPool;
  let outcomes: LinkOutcome[];
  let deliver: (number: number, communityId?: string) => Promise<void>;
  let calls: string[];

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    taskQueue = new RecordingTaskQueue();
    eventBus = new RecordingEventBus();
    pool = new StoredPool('vip', { store: backend.store, clock });
    outcomes = [];
    calls = [];
    deliver = deliveries();
  });

  afterEach(() => close());

  /** The store, which says what was asked of it. */
  function counted(): DocumentStore {
    const { store } = backend;
    return {
      get: (collection, id) => (calls.push(`get ${collection.name}`), store.get(collection, id)),
      commit: (writes) => (calls.push(`commit ${writes.length}`), store.commit(writes)),
      query: (query) => (calls.push(`query ${query.collection.name}`), store.query(query)),
      count: (query) => (calls.push(`count ${query.collection.name}`), store.count(query)),
    };
  }

  /** A process of link-worker, to which purchases are delivered. */
  function deliveries(): (number: number, communityId?: string) => Promise<void> {
    const store = counted();
    const demand = new PoolDemand(5, { store, clock, log: silentLog });
    const communities = { get: () => Promise.resolve(undefined) };
    const placeInLine = (): Promise<undefined> => Promise.resolve(undefined);
    const process = { ...poolProcess({ store, clock }), demand, communities, placeInLine, retentionDays: 400 };
    return (number, communityId = 'vip') => {
      const requestId = requestIdOf(number);
      const data = { requestId, userId: 'user-1', transactionId: `txn-${number}`, communityId };
      const event = PurchaseReceived.create({
        time: new Date(clock.now()).toISOString(),
        traceparent: TRACEPARENT,
        data,
      });
      const measure = (outcome: LinkOutcome): void => void outcomes.push(outcome);
      return requestLinkOnPurchaseReceived(event, { ...process, eventBus, taskQueue, measure });
    };
  }

  test('is done at once: request, link and pool link in one commit, the event, and no task', async () => {
    await pool.wants(10);
    await pool.has(3);
    await deliver(1);
    const request = await pool.request(requestIdOf(1));
    if (request?.status !== 'DONE') throw new Error('It is not done');
    const { inviteLink, linkExpiresAt } = request;
    expect(Date.parse(linkExpiresAt ?? '') - clock.now()).toBe(TTL_MS);
    expect(await backend.store.get(inviteLinks, inviteLinkId(inviteLink))).toMatchObject({
      data: { requestId: requestIdOf(1), communityId: 'vip' },
    });
    expect(await pool.links()).toContainEqual(
      expect.objectContaining({ state: 'TAKEN', requestId: requestIdOf(1), inviteLink, revokeAt: linkExpiresAt }),
    );
    expect(eventBus.eventsOn(linkCreatedEvents)).toMatchObject([
      { id: `${requestIdOf(1)}.link-created`, data: { inviteLink, linkExpiresAt, communityId: 'vip' } },
    ]);
    expect(taskQueue.tasks).toEqual([]);
    expect(outcomes).toMatchObject([{ kind: 'linked', isNew: true }]);
  });

  test('costs one commit, and one read for a batch of links', async () => {
    await pool.wants(40);
    await pool.has(40);
    await deliver(1);
    calls.length = 0;
    for (let number = 2; number <= 5; number += 1) await deliver(number);
    expect(calls).toEqual(['commit 3', 'commit 3', 'commit 3', 'commit 3']);
  });

  test('of a community without a pool costs what it did: one commit and its task', async () => {
    await deliver(1, 'default');
    calls.length = 0;
    await deliver(2, 'default');
    expect(calls).toEqual(['commit 1']);
    expect(taskQueue.tasks).toHaveLength(2);
  });

  test('whose process died between commit and publish is told by the redelivery', async () => {
    await pool.wants(10);
    await pool.has(3);
    eventBus.failNext = new RetryableError('bus_unavailable', 'The process dies here');
    await expect(deliver(1)).rejects.toThrow();
    expect(eventBus.published).toEqual([]);
    await deliveries()(1);
    const [event, ...others] = eventBus.eventsOn(linkCreatedEvents);
    expect(event).toMatchObject({ id: `${requestIdOf(1)}.link-created` });
    expect(others).toEqual([]);
    expect(await pool.counts()).toEqual({ AVAILABLE: 2, TAKEN: 1, RETIRING: 0 });
    expect(outcomes).toHaveLength(1);
  });

  test('when the pool is empty, gets a link in the ordinary way; the pool is not looked at again for each', async () => {
    await pool.wants(10);
    await pool.has(1);
    await deliver(1);
    await deliver(2);
    calls.length = 0;
    await deliver(3);
    expect(calls).toEqual(['commit 1']);
    expect(taskQueue.tasks.map(({ name }) => name)).toEqual([`${requestIdOf(2)}-1-0`, `${requestIdOf(3)}-1-0`]);
    clock.advance(3_000);
    await pool.has(1);
    await deliver(4);
    expect(await pool.request(requestIdOf(4))).toMatchObject({ status: 'DONE' });
  });

  test('takes another link when those that its process has read are taken', async () => {
    await pool.wants(10);
    await pool.has(8);
    await deliver(1);
    const other = deliveries();
    for (let number = 2; number <= 7; number += 1) await other(number);
    await deliver(8);
    expect(await pool.counts()).toMatchObject({ AVAILABLE: 0, TAKEN: 8 });
    expect(taskQueue.tasks).toEqual([]);
  });

  test('gets no link that is too old, or that ends before its buyer may use it', async () => {
    await pool.wants(10);
    await pool.has(4, 2 * TTL_MS);
    clock.advance(TIMES.maxAgeMs);
    await deliver(1);
    expect(await pool.request(requestIdOf(1))).toMatchObject({ status: 'QUEUED' });
    await pool.has(1, TTL_MS - TIMES.maxAgeMs - 3 * DAY_MS);
    clock.advance(3_000);
    await deliver(2);
    expect(await pool.request(requestIdOf(2))).toMatchObject({ status: 'QUEUED' });
  });

  test('of a disconnected community, or one whose pool was switched off, takes nothing', async () => {
    await pool.wants(0);
    await pool.has(2);
    await deliver(1);
    expect(await pool.counts()).toMatchObject({ AVAILABLE: 2 });
  });

  test('in a burst that Telegram cannot follow is counted, and doctor says how large the pool should be', async () => {
    await pool.wants(10);
    await pool.has(10);
    calls.length = 0;
    for (let number = 1; number <= 100; number += 1) await deliver(number);
    const known = (await backend.store.get(linkPools, 'vip'))?.data;
    expect(known?.burst?.links).toBeGreaterThanOrEqual(80);
    expect(known?.emptyAt).toBe(new Date(clock.now()).toISOString());
    expect(calls.filter((call) => call.startsWith('get link_pools')).length).toBeLessThan(12);
    const { wantedPools } = poolProcess({ store: backend.store, clock });
    const found = await examinePools({ wantedPools, startPerSecond: 5, store: backend.store, clock });
    expect(found).toMatchObject([
      { check: 'link_pool_vip', state: 'warning', advice: expect.stringMatching(/poolSize of "vip" to 1[0-2]0$/) },
    ]);
    // What was learned of its bot counts, not the pace at which bots begin.
    const rate = { pausedUntil: '', grantedUntil: '', grantedTo: '', learned: { perSecond: 0 } };
    await backend.store.commit([createDocument(botRates, botRateId('7', 'link'), rate)]);
    expect(await examinePools({ wantedPools, startPerSecond: 5, store: backend.store, clock })).toMatchObject([
      { meaning: expect.stringContaining('its bots can keep 0 at most') },
    ]);
  });

  test('that comes no faster than links are made says nothing of a pool', async () => {
    for (let number = 1; number <= 60; number += 1) {
      await deliver(number, 'default');
      clock.advance(200);
    }
    expect(await backend.store.get(linkPools, 'default')).toBeUndefined();
  });
});
