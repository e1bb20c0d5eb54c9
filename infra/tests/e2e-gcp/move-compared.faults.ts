import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { temporaryFolder } from '@paid-community/shared/platform/backends/embedded/testing/embedded-for-test.ts';
import { openBackend } from '@paid-community/shared/platform/backends/open-backend.ts';
import { botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import { chatMigrations } from '@paid-community/shared/model/communities/chat-migration.ts';
import { emissions, type Emission } from '@paid-community/shared/model/emissions/emission.ts';
import { polledUpdates } from '@paid-community/shared/model/operations/polled-update.ts';
import { storeOwners } from '@paid-community/shared/model/operations/store-owner.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import {
  createDocument,
  updateDocument,
  type DocumentStore,
} from '@paid-community/shared/platform/ports/document-store.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { healthChecks, purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { ops, type OpsResult } from '../e2e/harness/ops.ts';
import { sharedEmulators } from '../emulators/shared-emulators.ts';
import type { Emulators } from '../../run/emulators/start-emulators.ts';

// What the move counts, keeps and compares; no service runs, so that what is there stays as it came.

const TIMEOUT_MS = 180_000;
/** A store deletes what has expired before. */
const EXPIRES_AFTER_MS = 700;
const LOCATION = 'asia-south1';
const log = createLogger({ level: 'silent', secrets: [] });

interface Report {
  readonly documents: readonly { readonly collection: string }[];
  readonly tasks: readonly object[];
  readonly messages: readonly { readonly name: string }[];
}

withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
  let emulators: Emulators;
  let folder: ReturnType<typeof temporaryFolder>;
  let project: string;
  let there: Backend;

  beforeAll(async () => void (emulators = await sharedEmulators()), TIMEOUT_MS);
  afterAll(() => emulators.stop());
  beforeEach(async () => {
    folder = temporaryFolder();
    project = `move-${randomBytes(4).toString('hex')}`;
    await emulators.createTopology({ project, location: LOCATION, topology, pushEndpoint: () => undefined });
    const tasks = {
      emulatorHost: emulators.cloudTasksHost,
      location: LOCATION,
      queueId: () => inviteQueue.name,
      targetUrl: () => 'http://127.0.0.1:1',
      serviceAccount: undefined,
    };
    there = await openBackend({
      backend: 'gcp',
      projectId: project,
      pubSubEmulatorHost: emulators.pubsubHost,
      firestoreEmulatorHost: emulators.firestoreHost,
      tasks,
      topology,
      clock: systemClock,
      log,
    });
  });
  afterEach(async () => {
    await there.close();
    folder[Symbol.dispose]();
  });

  /** Lets `fill` write into the store of a system, and stops it. */
  async function here(fill: (backend: Backend) => Promise<void>): Promise<void> {
    const backend = await openBackend({ backend: 'embedded', dataDir: folder.path, topology, clock: systemClock, log });
    await fill(backend);
    await backend.close();
    const filledAtMs = systemClock.now();
    await eventually(() => systemClock.now() > filledAtMs + EXPIRES_AFTER_MS);
  }

  function move(...parameters: readonly string[]): Promise<OpsResult> {
    const environment = {
      FIRESTORE_EMULATOR_HOST: emulators.firestoreHost,
      PUBSUB_EMULATOR_HOST: emulators.pubsubHost,
      CLOUD_TASKS_EMULATOR_HOST: emulators.cloudTasksHost,
      METADATA_SERVER_DETECTION: 'none',
    };
    return ops(
      { url: '' },
      [
        'move',
        '--data-dir',
        folder.path,
        '--project',
        project,
        '--link-worker-url',
        'http://127.0.0.1:1',
        '--json',
        ...parameters,
      ],
      environment,
    );
  }

  async function fillWithSome({ store, taskQueue, eventBus, administration }: Backend): Promise<void> {
    await store.commit([
      createDocument(emissions, 'lasting', emission('2099-01-01T00:00:00.000Z')),
      createDocument(emissions, 'over', emission(new Date(systemClock.now() + EXPIRES_AFTER_MS).toISOString())),
    ]);
    await store.commit([
      createDocument(chatMigrations, '.', { chatId: '-1001', migratedAt: '2026-01-01T00:00:00.000Z' }),
      createDocument(polledUpdates, 'telegram', { begun: { 7: 1 } }),
    ]);
    await taskQueue.enqueue(inviteQueue, {
      name: 'later',
      payload: '{"is":"later"}',
      notBefore: new Date('2026-12-20T00:00:00.000Z'),
    });
    await administration.queue.pause(inviteQueue);
    await eventBus.publish(purchaseEvents, { data: '{"id":"a purchase"}', attributes: { traceparent: 'kept' } });
    await eventBus.publish(healthChecks, { data: '{}', attributes: {} });
  }

  test('a dry run counts on both sides and changes nothing on either', async () => {
    await here(fillWithSome);
    const before = readFileSync(join(folder.path, 'store.db'));
    const { code, json } = await move('--dry-run');
    expect(code).toBe(0);
    expect(json).toMatchObject({
      dryRun: true,
      tasks: tasksOf({ here: 1 }, { here: 0 }),
      left: expect.arrayContaining([{ name: 'polled_updates', here: 1 }]) as unknown,
    });
    expect(of(json, 'emissions')).toEqual({ collection: 'emissions', here: 1, expired: 1, there: 0 });
    expect(readFileSync(join(folder.path, 'store.db'))).toEqual(before);
    expect(existsSync(join(folder.path, 'store.db.moved'))).toBe(false);
    expect(await there.store.get(emissions, 'lasting')).toBeUndefined();
  });

  test('a move takes documents, tasks with their times and waiting messages, leaves what has expired, and a repeat sends nothing again', async () => {
    await here(fillWithSome);
    const { code, json } = await move('--yes');
    expect(code).toBe(0);
    expect(of(json, 'emissions')).toMatchObject({ here: 1, expired: 1, there: 1, same: 1 });
    expect(json).toMatchObject({
      tasks: tasksOf({ here: 1, there: 1 }, { here: 0, there: 0 }),
      paused: [inviteQueue.name],
    });
    expect((json as Report).messages.map(({ name }) => name)).not.toContain(healthChecks.name);
    expect(await there.store.get(emissions, 'lasting')).toMatchObject({
      data: emission('2099-01-01T00:00:00.000Z'),
    });
    expect(await there.store.get(chatMigrations, '.')).toMatchObject({ data: { chatId: '-1001' } });
    expect(await there.store.get(polledUpdates, 'telegram')).toBeUndefined();
    expect(await there.administration.queue.describe(inviteQueue)).toMatchObject({ state: 'paused' });
    expect(await there.taskQueue.enqueue(inviteQueue, { name: 'later', payload: '' })).toBe('exists');
    await move('--yes');
    expect(await published()).toEqual([{ data: '{"id":"a purchase"}', attributes: { traceparent: 'kept' } }]);
  });

  test('what the services have changed since is no difference; what is gone there is one', async () => {
    await here(fillWithSome);
    expect(await move('--yes')).toMatchObject({ code: 0 });
    await change(there.store, '-2002');
    expect(await move('--yes')).toMatchObject({
      code: 0,
      json: {
        documents: expect.arrayContaining([
          expect.objectContaining({ collection: 'chat_migrations', same: 0, goneOn: 1 }),
        ]) as unknown,
      },
    });
    await there.store.commit([{ kind: 'delete', collection: chatMigrations.name, id: '.' }]);
    const gone = await move('--yes');
    expect(gone.code).toBe(1);
    expect(of(gone.json, 'chat_migrations')).toMatchObject({ missing: ['.'] });
    expect(await there.store.get(chatMigrations, '.')).toBeUndefined();
  });

  test('what somebody else has written there stays and is named, with code 1; what is known there of the pace is right', async () => {
    await here(async (backend) => {
      await fillWithSome(backend);
      await backend.store.commit([createDocument(botRates, '7', rate('here'))]);
    });
    await there.store.commit([
      createDocument(chatMigrations, '.', { chatId: '-3003', migratedAt: '2026-01-01T00:00:00.000Z' }),
      createDocument(botRates, '7', rate('there')),
    ]);
    const { code, json } = await move('--yes');
    expect(code).toBe(1);
    expect(of(json, 'chat_migrations')).toMatchObject({ conflicts: ['.'], same: 0 });
    expect(of(json, 'bot_rates')).toMatchObject({ kept: 1, conflicts: [] });
    expect(await there.store.get(chatMigrations, '.')).toMatchObject({ data: { chatId: '-3003' } });
    expect(await there.store.get(botRates, '7')).toMatchObject({ data: { grantedTo: 'there' } });
  });

  test('after a move that was given up, a new one replaces what the first has put there', async () => {
    await here(fillWithSome);
    expect(await move('--yes')).toMatchObject({ code: 0 });
    rmSync(join(folder.path, 'store.db.moved'));
    await here(({ store }) => change(store, '-4004'));
    expect(await move('--yes')).toMatchObject({ code: 0 });
    expect(await there.store.get(chatMigrations, '.')).toMatchObject({ data: { chatId: '-4004' } });
  });

  test('a project that works for another bot is refused before anything is written; for the same chat under its newer id, its record stays', async () => {
    const owner = { kind: 'real', account: '123', place: '-1001' } as const;
    await here(({ store }) =>
      store.commit([
        createDocument(storeOwners, 'telegram', owner),
        createDocument(chatMigrations, '-1001', { chatId: '-1009', migratedAt: '2026-01-01T00:00:00.000Z' }),
      ]),
    );
    await there.store.commit([createDocument(storeOwners, 'telegram', { ...owner, account: '456' })]);
    const refused = await move('--yes');
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /this store is that of bot 123 in chat -1001, and the other side is that of bot 456/,
      ) as unknown,
    });
    expect(existsSync(join(folder.path, 'store.db.moved'))).toBe(false);
    const read = await there.store.get(storeOwners, 'telegram');
    if (read === undefined) throw new Error('It is not there');
    await there.store.commit([updateDocument(storeOwners, read, { ...owner, place: '-1009' })]);
    const { code, json } = await move('--yes');
    expect(code).toBe(0);
    expect(of(json, 'store_owners')).toMatchObject({ kept: 1 });
  });

  test('a project without a subscription or the queue is refused before anything is written', async () => {
    await here(fillWithSome);
    project = `${project}-empty`;
    const { code, stderr } = await move('--yes');
    expect(code).toBe(1);
    expect(stderr).toContain('there are no subscriptions link-worker-purchase-events');
    expect(stderr).toContain('Cloud Tasks: ');
    expect(existsSync(join(folder.path, 'store.db.moved'))).toBe(false);
  });

  /** What came to the topic of the purchases. */
  async function published(): Promise<readonly { readonly data: string; readonly attributes: object }[]> {
    const until = new Date(systemClock.now() + 60_000);
    const { messages } = await there.administration.bus.readRetained({
      topic: purchaseEvents,
      from: new Date(0),
      until,
      limit: 10,
    });
    return messages.map(({ data, attributes }) => ({ data, attributes }));
  }
});

async function change(store: DocumentStore, chatId: string): Promise<void> {
  const read = await store.get(chatMigrations, '.');
  if (read === undefined) throw new Error('It is not there');
  await store.commit([updateDocument(chatMigrations, read, { ...read.data, chatId })]);
}

function emission(expiresAt: string): Emission {
  return {
    eventId: 'e',
    requestId: 'r',
    eventName: 'n',
    sentAt: '2026-01-01T00:00:00.000Z',
    answer: { status: 200, body: '{"a":[1,1.5,null,true]}' },
    expiresAt,
  };
}

function rate(grantedTo: string): {
  readonly pausedUntil: string;
  readonly grantedUntil: string;
  readonly grantedTo: string;
} {
  return { pausedUntil: '2026-01-01T00:00:00.000Z', grantedUntil: '2026-01-01T00:00:00.000Z', grantedTo };
}

/** What a report says of each queue: `links` of that of the links, `others` of every other one. */
function tasksOf(links: object, others: object): readonly object[] {
  return topology.queues.map(({ name }) => ({ name, ...(name === inviteQueue.name ? links : others) }));
}

function of(json: unknown, name: string): object | undefined {
  return (json as Report).documents.find(({ collection }) => collection === name);
}
