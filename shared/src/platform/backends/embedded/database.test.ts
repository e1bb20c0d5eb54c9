import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { inviteRequests } from '../../../model/links/invite-request.ts';
import { topology } from '../../../topology.ts';
import { openDatabase, startNumber } from './database.ts';
import { SCHEMA_STEPS, SCHEMA_VERSION } from './schema.ts';
import { StoreStartError, type StoreStartCode } from './store-errors.ts';
import { STORE_FILE } from './store-files.ts';
import { openForTest, temporaryFolder } from './testing/embedded-for-test.ts';

function startErrorOf(dataDir: string): StoreStartError {
  try {
    openDatabase(dataDir).close();
  } catch (error) {
    if (error instanceof StoreStartError) return error;
    throw error;
  }
  throw new Error('The store was opened');
}

function expectRefusal(dataDir: string, code: StoreStartCode, advice: RegExp): void {
  const error = startErrorOf(dataDir);
  expect(error.code).toBe(code);
  expect(error.message).toContain(dataDir);
  expect(error.message).toMatch(advice);
}

test('a folder that does not exist is made, and each opening has a number of its own', () => {
  using folder = temporaryFolder();
  const dataDir = join(folder.path, 'a', 'b');
  const numbers = [1, 2, 3].map(() => {
    const database = openDatabase(dataDir);
    const number = startNumber(database);
    database.close();
    return number;
  });
  expect(numbers).toEqual([1, 2, 3]);
});

test('commits go to the disk before they return', () => {
  using folder = temporaryFolder();
  const database = openDatabase(folder.path);
  const pragma = (name: string): unknown => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  expect([pragma('journal_mode'), pragma('synchronous'), pragma('locking_mode')]).toEqual(['wal', 2, 'exclusive']);
  database.close();
});

test('a store that is open already is refused, also within one process', () => {
  using folder = temporaryFolder();
  const database = openDatabase(folder.path);
  expectRefusal(folder.path, 'data_dir_in_use', /in use by another process.*Stop it/);
  database.close();
});

test('a file that is not a database is refused and left as it is', () => {
  using folder = temporaryFolder();
  const content = Buffer.alloc(8_192, 'not a database ');
  writeFileSync(join(folder.path, STORE_FILE), content);
  expectRefusal(folder.path, 'store_not_a_database', /damaged or not a database.*move it away/);
  expect(readFileSync(join(folder.path, STORE_FILE)).equals(content)).toBe(true);
});

test('a damaged database is refused', () => {
  using folder = temporaryFolder();
  openDatabase(folder.path).close();
  const file = join(folder.path, STORE_FILE);
  const content = readFileSync(file);
  // All pages but the first, which holds the header and the schema.
  content.fill(0xa5, 4_096);
  writeFileSync(file, content);
  expectRefusal(folder.path, 'store_not_a_database', /Put back a copy/);
});

test('a store of a newer version is refused and keeps its version', () => {
  using folder = temporaryFolder();
  openDatabase(folder.path).close();
  const file = join(folder.path, STORE_FILE);
  const newer = new DatabaseSync(file);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  expectRefusal(folder.path, 'store_version_newer', /written by a newer version/);
  const again = new DatabaseSync(file);
  expect(again.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 99 });
  again.close();
});

test('the database of another program is refused', () => {
  using folder = temporaryFolder();
  const other = new DatabaseSync(join(folder.path, STORE_FILE));
  other.exec('CREATE TABLE customers (name TEXT)');
  other.close();
  expectRefusal(folder.path, 'store_foreign', /another program/);
});

test('a file where the folder should be is refused', () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'file');
  writeFileSync(file, '');
  expectRefusal(file, 'data_dir_not_usable', /not a folder/);
  expectRefusal(join(file, 'below'), 'data_dir_not_usable', /not a folder/);
});

test('a folder where the file should be is refused', () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, STORE_FILE));
  expectRefusal(folder.path, 'data_dir_not_usable', /DATA_DIR/);
});

// Even root cannot make files in /proc, so that this needs no change of user.
(process.platform === 'linux' ? test : test.skip)('a folder that takes no files is refused', () => {
  expectRefusal('/proc/self', 'data_dir_not_usable', /owner and permissions/);
});

test('a store of an earlier version is brought up to date and keeps what it holds', () => {
  using folder = temporaryFolder();
  const old = new DatabaseSync(join(folder.path, STORE_FILE));
  old.exec(
    `${SCHEMA_STEPS[0] ?? ''}; PRAGMA user_version = 1; INSERT INTO messages (topic, published_at, attributes, data) VALUES ('t', 1, '{}', 'kept')`,
  );
  old.close();
  const database = openDatabase(folder.path);
  expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: SCHEMA_VERSION });
  expect(database.prepare('SELECT data FROM messages').all()).toEqual([{ data: 'kept' }]);
  expect(database.prepare('SELECT count(*) AS n FROM snapshots').get()).toEqual({ n: 0 });
  database.close();
  openDatabase(folder.path).close();
});

test('documents of a store from before their order was kept are all there, by id and by index', async () => {
  using folder = temporaryFolder();
  const old = new DatabaseSync(join(folder.path, STORE_FILE));
  old.exec(`${SCHEMA_STEPS[0] ?? ''}; ${SCHEMA_STEPS[1] ?? ''}; PRAGMA user_version = 2`);
  const insert = old.prepare('INSERT INTO documents (collection, id, version, data) VALUES (?, ?, ?, ?)');
  for (let n = 0; n < 500; n += 1)
    insert.run(
      inviteRequests.name,
      `id-${n}`,
      `0.${n}`,
      JSON.stringify({ requestId: `id-${n}`, userId: 'u', status: 'DONE', createdAt: String(n).padStart(3, '0') }),
    );
  old.exec(
    `CREATE INDEX query_invite_requests__userId__createdAt ON documents (data -> '$."userId"', data ->> '$."createdAt"', id) WHERE collection = 'invite_requests'`,
  );
  old.close();
  const backend = openForTest(folder.path, topology);
  expect(await backend.store.get(inviteRequests, 'id-7')).toMatchObject({
    version: '0.7',
    data: { requestId: 'id-7' },
  });
  const { documents } = await backend.store.query({
    collection: inviteRequests,
    where: { userId: 'u' },
    orderBy: { field: 'createdAt', direction: 'descending' },
    limit: 2,
  });
  expect(documents.map(({ id }) => id)).toEqual(['id-499', 'id-498']);
  expect(await backend.store.count({ collection: inviteRequests, where: { userId: 'u' } })).toBe(500);
  await backend.close();
});

function modesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
}

test.each([0o000, 0o022, 0o277])(
  'every file of the store is for its user only, under every umask (%d), and in folders that others made',
  async (umask) => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'backups'), { mode: 0o755 });
    const before = process.umask(umask);
    try {
      const backend = openForTest(folder.path, topology);
      await backend.administration.store.backUp(undefined);
      await backend.administration.store.backUp(join(folder.path, 'chosen.db'));
      const modes = [...modesIn(folder.path), ...modesIn(join(folder.path, 'backups'))].filter(
        (mode) => !mode.startsWith('store.lock'),
      );
      expect(modes.filter((mode) => mode.endsWith(' 600'))).toHaveLength(4);
      expect(modes.filter((mode) => !mode.endsWith(' 600'))).toEqual([]);
      await backend.close();
    } finally {
      process.umask(before);
    }
  },
);

test('files of an earlier version that others may read are narrowed at the start', () => {
  using folder = temporaryFolder();
  openDatabase(folder.path).close();
  const files = [STORE_FILE, 'store.db.replaced-20260504T030201000Z', 'backups/store-20260504T030201000Z.db'].map(
    (name) => join(folder.path, name),
  );
  mkdirSync(join(folder.path, 'backups'));
  for (const file of files) {
    if (!existsSync(file)) writeFileSync(file, 'older');
    chmodSync(file, 0o664);
  }
  openDatabase(folder.path).close();
  for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a start that died before its store was made leaves nothing that a later one stumbles over', () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, `${STORE_FILE}.creating`), 'half');
  openDatabase(folder.path).close();
  expect(readdirSync(folder.path).sort()).toEqual([STORE_FILE, 'store.lock']);
});
