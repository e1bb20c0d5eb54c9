import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { emissions } from '../../../model/emissions/emission.ts';
import { systemClock } from '../../lifecycle/system-clock.ts';
import { createDocument } from '../../ports/document-store.ts';
import { inviteQueue } from '../../../model/queues.ts';
import { purchaseEvents } from '../../../model/topics.ts';
import { topology } from '../../../topology.ts';
import type { EmbeddedBackend } from './open-embedded-backend.ts';
import { withStoppedStore, type StoppedStore } from './stopped-store.ts';
import { openForTest, temporaryFolder } from './testing/embedded-for-test.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => {
  folder[Symbol.dispose]();
});

async function filled(fill: (backend: EmbeddedBackend) => Promise<unknown>): Promise<void> {
  const backend = openForTest(folder.path, topology);
  await fill(backend);
  await backend.close();
}

function read<T>(look: (store: StoppedStore) => T): Promise<T> {
  return withStoppedStore({ dataDir: folder.path, topology, clock: systemClock }, (store) =>
    Promise.resolve(look(store)),
  );
}

test('tasks have their times, those that are due have none, and a reading goes on after where it was', async () => {
  const later = new Date(systemClock.now() + 3_600_000);
  await filled(async ({ taskQueue }) => {
    await taskQueue.enqueue(inviteQueue, { name: 'due', payload: 'a' });
    await taskQueue.enqueue(inviteQueue, { name: 'later', payload: 'b', notBefore: later });
  });
  const pages = await read((store) => [...store.tasks(inviteQueue)]);
  expect(pages.flatMap(({ rows }) => rows)).toEqual([
    { name: 'due', payload: 'a' },
    { name: 'later', payload: 'b', notBefore: later },
  ]);
  const upTo = pages.at(-1)?.upTo ?? 0;
  expect(
    await read((store) => [
      [...store.tasks(inviteQueue, upTo)],
      store.countTasks(inviteQueue),
      store.countTasks(inviteQueue, upTo - 1),
    ]),
  ).toEqual([[], 2, 1]);
});

test('a store of any size is read in pages of bounded length, each document once', async () => {
  const ids = Array.from({ length: 450 }, (_, index) => `e${index}`);
  const data = {
    eventId: 'e',
    requestId: 'r',
    eventName: 'n',
    sentAt: '2026-01-01T00:00:00.000Z',
    answer: { status: 200, body: '' },
  };
  const large = { ...data, answer: { status: 200, body: 'x'.repeat(900_000) } };
  await filled(async ({ store }) => {
    await store.commit(ids.map((id) => createDocument(emissions, id, data)));
    for (const id of ['l1', 'l2', 'l3', 'l4', 'l5', 'l6']) await store.commit([createDocument(emissions, id, large)]);
  });
  const pages = await read((store) => [...store.documents(emissions)].map(({ rows }) => rows.map(({ id }) => id)));
  expect(pages.flat()).toEqual([...ids, 'l1', 'l2', 'l3', 'l4', 'l5', 'l6'].sort());
  expect(pages.map((page) => page.length)).toEqual([200, 200, 53, 3]);
});

test('only messages that a subscription of the topology has not acknowledged are read', async () => {
  await filled(async ({ eventBus }) => {
    for (const data of ['waits', 'acknowledged', 'of a subscription that is gone'])
      await eventBus.publish(purchaseEvents, { data, attributes: { a: 'b' } });
  });
  const database = new DatabaseSync(join(folder.path, 'store.db'));
  database.exec(`DELETE FROM deliveries WHERE seq = 2; UPDATE deliveries SET subscription = 'gone' WHERE seq = 3`);
  database.close();
  const found = await read((store) => [
    [...store.messages(purchaseEvents)].flatMap(({ rows }) => rows),
    store.countMessages(purchaseEvents),
  ]);
  expect(found).toEqual([[{ data: 'waits', attributes: { a: 'b' } }], 1]);
});

test('what tells where a document comes from stays with the store', async () => {
  await filled(() => Promise.resolve());
  const first = await read((store) => store.number());
  expect(await read((store) => store.number())).toBe(first);
});
