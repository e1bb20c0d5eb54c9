import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createDocument, deleteDocument } from '../../ports/document-store.ts';
import type { Collection, Topology } from '../../ports/topology-types.ts';
import { STORE_FILE } from './store-files.ts';
import { openForTest, temporaryFolder } from './testing/embedded-for-test.ts';
import { ofNobody } from '../../testing/of-nobody.ts';

interface Note {
  readonly text: string;
  readonly expiresAt: string;
}

const notes: Collection<Note> = {
  name: 'notes',
  ...ofNobody,
  indexes: [{ where: ['text'], orderBy: 'expiresAt' }],
  ttlField: 'expiresAt',
};
const topology: Topology = { topics: [], subscriptions: [], queues: [], collections: [notes] };

function occurrences(dataDir: string, text: string): number {
  const files = [STORE_FILE, `${STORE_FILE}-wal`].map((name) => join(dataDir, name)).filter((file) => existsSync(file));
  return files.reduce((sum, file) => sum + readFileSync(file, 'latin1').split(text).length - 1, 0);
}

test('what was deleted is overwritten in store and log, also where rows had moved between pages', async () => {
  using folder = temporaryFolder();
  const backend = openForTest(folder.path, topology);
  const text = (n: number): string =>
    `${n % 3 === 0 ? 'private' : 'public'}-${(n * 7_919) % 6_007}-${'x'.repeat((n * 31) % 400)}`;
  const ids = Array.from({ length: 6_000 }, (_, n) => n);
  for (let n = 0; n < ids.length; n += 100) {
    await backend.store.commit(
      ids
        .slice(n, n + 100)
        .map((id) => createDocument(notes, `id-${id}`, { text: text(id), expiresAt: '2999-01-01T00:00:00.000Z' })),
    );
  }
  const theirs = ids.filter((n) => n % 3 === 0);
  for (let n = 0; n < theirs.length; n += 100)
    await backend.store.commit(theirs.slice(n, n + 100).map((id) => deleteDocument(notes, `id-${id}`)));
  await backend.administration.store.overwriteErased();
  expect(occurrences(folder.path, 'private-')).toBe(0);
  expect(occurrences(folder.path, 'public-')).toBeGreaterThan(4_000);
  // The system goes on as before.
  expect(await backend.store.get(notes, 'id-1')).toMatchObject({ data: { text: text(1) } });
  await backend.store.commit([
    createDocument(notes, 'after', { text: 'after', expiresAt: '2999-01-01T00:00:00.000Z' }),
  ]);
  await backend.close();
  expect(occurrences(folder.path, 'private-')).toBe(0);
});
