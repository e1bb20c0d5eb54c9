import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import { linkPools } from '@paid-community/shared/model/links/link-pool.ts';
import { retired } from '@paid-community/shared/model/links/pool-life.ts';
import { poolLinkId, poolLinks, poolShards } from '@paid-community/shared/model/links/pool-link.ts';
import { FillPool, RevokePoolLink } from '@paid-community/shared/model/links/pool-tasks.ts';
import { join, joins } from '@paid-community/shared/model/memberships/join.ts';
import { received } from '@paid-community/shared/model/links/receive-purchase.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { createDocument, updateDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';
import type { MadeInviteLink } from '../links/invite-link-client.ts';
import type { LinkCallDeps } from '../links/link-calls.ts';
import { fillPool } from './fill-pool.ts';
import { keepPools } from './keep-pools.ts';
import { revokePoolLink } from './revoke-pool-link.ts';
import { takeLink } from './take-link.ts';
import { DAY_MS, poolProcess, StoredPool, TIMES, TTL_MS } from './testing/stored-pool.ts';

/** Telegram, as far as links go. */
class FakeTelegram {
  readonly made: { readonly name: string; readonly inviteLink: string; readonly expiresAt: Date | undefined }[] = [];
  readonly revoked: string[] = [];
  /** Called before the next answer. */
  before: (() => Promise<void>) | undefined;
  refusal: Error | undefined;
  notBefore: Date | undefined;

  calls(): Pick<LinkCallDeps, 'callsOf' | 'callsOfMaker'> {
    const answer = async (): Promise<void> => {
      const { before, refusal } = this;
      this.before = undefined;
      await before?.();
      if (refusal !== undefined) throw refusal;
    };
    const calls = {
      botId: '7',
      telegram: {
        createInviteLink: async ({
          name,
          expiresAt,
        }: {
          readonly name: string;
          readonly expiresAt: Date | undefined;
        }) => {
          await answer();
          const inviteLink = `https://t.me/+made${this.made.length + 1}`;
          this.made.push({ name, inviteLink, expiresAt });
          return { inviteLink, chatId: '-1001' };
        },
        revokeInviteLink: async ({ inviteLink }: MadeInviteLink) => {
          await answer();
          this.revoked.push(inviteLink);
        },
      },
      turns: {
        turn: () =>
          Promise.resolve(
            this.notBefore === undefined
              ? { granted: true as const }
              : { granted: false as const, notBefore: this.notBefore },
          ),
        accepted: () => undefined,
        refused: () => Promise.resolve(new Date(0)),
        over: () => undefined,
      },
    };
    return { callsOf: () => Promise.resolve(calls), callsOfMaker: () => Promise.resolve(calls) };
  }
}

describe('the pool of a community', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let clock: ManualClock;
  let telegram: FakeTelegram;
  let taskQueue: RecordingTaskQueue;
  let pool: StoredPool;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    telegram = new FakeTelegram();
    taskQueue = new RecordingTaskQueue();
    pool = new StoredPool('vip', { store: backend.store, clock });
  });

  afterEach(() => close());

  /** A process of its own each time: settings are read anew. */
  const deps = () => ({
    ...poolProcess({ store: backend.store, clock }),
    ...telegram.calls(),
    taskQueue,
    limits: { maxAttempts: 3, baseBackoffMs: 5_000 },
    retentionDays: 400,
    log: silentLog,
  });

  const tick = (): Promise<void> => keepPools(deps());

  /** Runs tasks that are due until none is left, each as often as it says. */
  async function work(times = 1): Promise<void> {
    for (let task = taskQueue.tasks.shift(); task !== undefined; task = taskQueue.tasks.shift()) {
      const { payload } = task;
      const { type } = JSON.parse(payload) as { readonly type: string };
      for (let time = 0; time < times; time += 1) {
        const next =
          type === FillPool.type
            ? await fillPool(FillPool.parse(payload), deps())
            : await revokePoolLink(RevokePoolLink.parse(payload), deps());
        if (next !== undefined) await taskQueue.enqueue({}, next);
      }
    }
  }

  async function bought(requestId: string): Promise<string> {
    const time = new Date(clock.now()).toISOString();
    const data = { requestId, userId: 'u', transactionId: 't', communityId: 'vip' };
    const event = PurchaseReceived.create({ time, traceparent: '00-c-d-01', data });
    const taken = await takeLink(received(event, new Date(clock.now() + 400 * DAY_MS).toISOString()), deps());
    if (taken.kind !== 'taken') throw new Error('The pool is empty');
    return taken.request.inviteLink;
  }

  test('is filled up to its size, however often ticks and tasks come, and never further', async () => {
    await pool.wants(10);
    await Promise.all([tick(), tick()]);
    await tick();
    expect(taskQueue.tasks).toHaveLength(poolShards.length);
    await work(2);
    expect(await pool.counts()).toEqual({ AVAILABLE: 10, TAKEN: 0, RETIRING: 0 });
    expect(telegram.made).toHaveLength(10);
    await tick();
    expect(taskQueue.tasks).toEqual([]);
  });

  test('has links that bear their own id as their name, and end at Telegram long after they can be given', async () => {
    await pool.wants(1);
    await tick();
    await work();
    const [link] = telegram.made;
    expect(await backend.store.get(poolLinks, link?.name ?? '')).toMatchObject({
      data: { inviteLink: link?.inviteLink, botId: '7', telegramChatId: '-1001' },
    });
    expect((link?.expiresAt?.getTime() ?? 0) - clock.now()).toBeGreaterThanOrEqual(TIMES.maxAgeMs + TTL_MS);
  });

  test('is filled again after purchases, and what they took stays theirs', async () => {
    await pool.wants(6);
    await tick();
    await work();
    const taken = [await bought('r1'), await bought('r2'), await bought('r3')];
    await tick();
    await work();
    expect(await pool.counts()).toEqual({ AVAILABLE: 6, TAKEN: 3, RETIRING: 0 });
    expect(new Set(taken).size).toBe(3);
    expect(new Set(telegram.made.map(({ name }) => name)).size).toBe(9);
  });

  test('records the link of a place once: one that another task made meanwhile is to be revoked', async () => {
    await pool.wants(1);
    await tick();
    const [task] = taskQueue.tasks;
    if (task === undefined) throw new Error('Nothing is queued');
    telegram.before = async () => {
      await fillPool(FillPool.parse(task.payload), deps());
    };
    await work();
    expect(telegram.made).toHaveLength(2);
    expect(await pool.counts()).toEqual({ AVAILABLE: 1, TAKEN: 0, RETIRING: 1 });
    await tick();
    await work();
    expect(telegram.revoked).toHaveLength(1);
    expect(await pool.counts()).toEqual({ AVAILABLE: 1, TAKEN: 0, RETIRING: 0 });
  });

  test('goes on after a crash between record and next task', async () => {
    await pool.wants(8);
    await tick();
    for (const { payload } of taskQueue.tasks.splice(0)) await fillPool(FillPool.parse(payload), deps());
    expect(await pool.counts()).toMatchObject({ AVAILABLE: 4 });
    await tick();
    await work();
    expect(await pool.counts()).toMatchObject({ AVAILABLE: 8 });
  });

  test('waits for its turn, tries again after a failure, and begins anew in a later round when it was given up', async () => {
    await pool.wants(1);
    await tick();
    const [task] = taskQueue.tasks.splice(0);
    if (task === undefined) throw new Error('Nothing is queued');
    telegram.notBefore = new Date(clock.now() + 60_000);
    const later = await fillPool(FillPool.parse(task.payload), deps());
    expect(later).toMatchObject({ notBefore: telegram.notBefore });
    telegram.notBefore = undefined;
    telegram.refusal = new TelegramApiError({ errorCode: 500, description: 'oh' });
    await work();
    expect(await pool.counts()).toMatchObject({ AVAILABLE: 0 });
    telegram.refusal = undefined;
    clock.advance(600_000);
    await tick();
    await work();
    expect(await pool.counts()).toMatchObject({ AVAILABLE: 1 });
  });

  test('that shrinks has its surplus revoked, and forgets it then', async () => {
    await pool.wants(8);
    await tick();
    await work();
    await pool.wants(3);
    await tick();
    expect(await pool.counts()).toEqual({ AVAILABLE: 3, TAKEN: 0, RETIRING: 5 });
    await work(2);
    expect(new Set(telegram.revoked).size).toBe(5);
    expect(await pool.counts()).toEqual({ AVAILABLE: 3, TAKEN: 0, RETIRING: 0 });
  });

  test('of a disconnected community is emptied and closed; what was sold keeps its link', async () => {
    await pool.wants(4);
    await tick();
    await work();
    const sold = await bought('r1');
    const [settings] = await poolProcess({ store: backend.store, clock }).wantedPools.all();
    expect(settings?.[0]).toBe('vip');
    await pool.wants(0);
    await tick();
    await work();
    expect(await pool.counts()).toEqual({ AVAILABLE: 0, TAKEN: 1, RETIRING: 0 });
    expect(telegram.revoked).not.toContain(sold);
    await tick();
    expect((await backend.store.get(linkPools, 'vip'))?.data.state).toBe('closed');
    await pool.wants(4);
    await tick();
    await work();
    expect(await pool.counts()).toMatchObject({ AVAILABLE: 4 });
  });

  test('replaces links in the last quarter of their age, a few at a time, and all that are too old', async () => {
    await pool.wants(8);
    await tick();
    await work();
    clock.advance(0.8 * TIMES.maxAgeMs);
    await tick();
    expect(await pool.counts()).toEqual({ AVAILABLE: 4, TAKEN: 0, RETIRING: 4 });
    await work();
    expect(await pool.counts()).toEqual({ AVAILABLE: 8, TAKEN: 0, RETIRING: 0 });
    clock.advance(0.2 * TIMES.maxAgeMs);
    await tick();
    await work();
    expect(await pool.counts()).toEqual({ AVAILABLE: 8, TAKEN: 0, RETIRING: 0 });
    expect(telegram.revoked).toHaveLength(8);
  });

  describe('when the time of a buyer ends', () => {
    beforeEach(async () => {
      await pool.wants(1);
      await tick();
      await work();
    });

    test('revokes the link, at that time and once', async () => {
      const link = await bought('r1');
      clock.advance(TTL_MS - 60_000);
      await tick();
      await tick();
      const revocation = taskQueue.tasks.find(({ payload }) => payload.includes(RevokePoolLink.type));
      expect(revocation?.notBefore).toEqual(new Date(clock.now() + 60_000));
      clock.advance(60_000);
      await work(2);
      await tick();
      await work();
      expect(telegram.revoked).toEqual([link]);
    });

    test('leaves a link alone that was used', async () => {
      const inviteLink = await bought('r1');
      const seen = {
        requestId: 'r1',
        communityId: 'vip',
        telegramUserId: '9',
        joinedAt: new Date(clock.now()).toISOString(),
        inviteLinkHash: inviteLinkId(inviteLink),
        generation: 1,
      };
      const expiresAt = new Date(clock.now() + DAY_MS).toISOString();
      await backend.store.commit([createDocument(joins, 'r1', join(seen, { expiresAt }))]);
      clock.advance(TTL_MS);
      await tick();
      await work();
      await tick();
      expect([telegram.revoked, taskQueue.tasks]).toEqual([[], []]);
    });

    test('tries again later when Telegram does not revoke it', async () => {
      const link = await bought('r1');
      telegram.refusal = new TelegramApiError({ errorCode: 500, description: 'oh' });
      clock.advance(TTL_MS);
      await tick();
      await work();
      telegram.refusal = undefined;
      await tick();
      await work();
      expect(telegram.revoked).toEqual([]);
      clock.advance(300_000);
      await tick();
      await work();
      expect(telegram.revoked).toEqual([link]);
    });
  });

  test('never revokes a link that is a purchase’s, whatever the pool says of it', async () => {
    await pool.wants(1);
    await tick();
    await work();
    const sold = await bought('r1');
    const id = poolLinkId({ poolId: 'another', shard: 0, sequence: 1 });
    const [link] = await pool.links();
    if (link?.state !== 'TAKEN') throw new Error('It is taken');
    await backend.store.commit([createDocument(poolLinks, id, retired(link, 'surplus', clock.now()))]);
    await tick();
    await work();
    expect(telegram.revoked).not.toContain(sold);
    expect(await backend.store.get(poolLinks, id)).toBeUndefined();
  });

  test('a task of a pool that was closed meanwhile, or of a place that is filled, does nothing', async () => {
    await pool.wants(4);
    await tick();
    const [task] = taskQueue.tasks.splice(0);
    if (task === undefined) throw new Error('Nothing is queued');
    const read = await backend.store.get(linkPools, 'vip');
    if (read === undefined) throw new Error('It is open');
    await backend.store.commit([updateDocument(linkPools, read, { ...read.data, poolId: 'another' })]);
    expect(await fillPool(FillPool.parse(task.payload), deps())).toBeUndefined();
    expect(telegram.made).toEqual([]);
  });
});
