import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../testing/eventually.ts';
import { openDatabase } from './database.ts';
import { restoreBackup } from './restore-backup.ts';
import { StoreStartError } from './store-errors.ts';
import { STORE_FILE } from './store-files.ts';
import { temporaryFolder } from './testing/embedded-for-test.ts';

const TIMEOUT_MS = 180_000;
const NOW = new Date('2026-05-04T03:02:01Z');
type What = 'everything' | 'documents';

/** What a store holds, as far as these tests tell stores apart. */
interface Held {
  readonly documents: readonly string[];
  readonly messages: readonly string[];
}

const inBackup: Held = { documents: ['document of the backup'], messages: ['message of the backup'] };
const inStore: Held = {
  documents: ['document of the store'],
  messages: ['message of the store', 'message in the log'],
};
const restored = { everything: inBackup, documents: { documents: inBackup.documents, messages: inStore.messages } };

function write(database: DatabaseSync, table: 'documents' | 'messages', text: string): void {
  if (table === 'messages')
    database.prepare(`INSERT INTO messages (topic, published_at, attributes, data) VALUES ('t', 1, '{}', ?)`).run(text);
  else database.prepare(`INSERT INTO documents (collection, id, version, data) VALUES ('c', ?, 'v', '{}')`).run(text);
  // Enough pages that a log which is read into a wrong file does damage.
  database.exec(
    `INSERT INTO probes (room) SELECT randomblob(900) FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) SELECT i FROM n)`,
  );
}

function held(database: DatabaseSync): Held {
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  return {
    documents: database
      .prepare('SELECT id FROM documents ORDER BY seq')
      .all()
      .map((row) => String(row['id'])),
    messages: database
      .prepare('SELECT data FROM messages ORDER BY seq')
      .all()
      .map((row) => String(row['data'])),
  };
}

/** A backup, and a store of which a crash has left a part in the log. */
function prepare(folder: string): { readonly dataDir: string; readonly backup: string } {
  const dataDir = join(folder, 'data');
  const backup = join(folder, 'backup.db');
  const running = join(folder, 'running');
  const older = openDatabase(join(folder, 'older'));
  for (const text of inBackup.documents) write(older, 'documents', text);
  for (const text of inBackup.messages) write(older, 'messages', text);
  older.close();
  cpSync(join(folder, 'older', STORE_FILE), backup);
  let store = openDatabase(running);
  write(store, 'documents', inStore.documents[0] ?? '');
  write(store, 'messages', inStore.messages[0] ?? '');
  store.close();
  store = openDatabase(running);
  write(store, 'messages', inStore.messages[1] ?? '');
  cpSync(running, dataDir, { recursive: true });
  store.close();
  expect(statSync(join(dataDir, `${STORE_FILE}-wal`)).size).toBeGreaterThan(0);
  return { dataDir, backup };
}

function startRestore(
  dataDir: string,
  backup: string,
  what: What,
  call: number,
  signal: 'SIGKILL' | 'SIGSTOP',
): ChildProcess {
  const at = (file: string): string => new URL(file, import.meta.url).pathname;
  const parameters = [
    '--import',
    at('testing/kill-at-file-call.ts'),
    at('testing/restore-process.ts'),
    dataDir,
    backup,
    what,
    `${call}:${signal}`,
  ];
  return spawn(process.execPath, parameters, { stdio: 'ignore' });
}

const SIDE_BY_SIDE = 4;

describe.each<What>(['everything', 'documents'])('a restore of %s', (what) => {
  test(
    'that is killed before any of its steps leaves the old store or the new one, and ends well when it is run again',
    async () => {
      using folder = temporaryFolder();
      const { dataDir, backup } = prepare(folder.path);
      const seen = { old: 0, new: 0 };
      /** Returns whether it came to its end. */
      const killedAt = async (call: number): Promise<boolean> => {
        const copy = join(folder.path, `killed-${call}`);
        cpSync(dataDir, copy, { recursive: true });
        const [code, signal] = (await once(startRestore(copy, backup, what, call, 'SIGKILL'), 'close')) as [
          number | null,
          string | null,
        ];
        expect({ code, signal }).toEqual(signal === null ? { code: 0, signal } : { code: null, signal: 'SIGKILL' });
        const again = join(folder.path, `again-${call}`);
        cpSync(copy, again, { recursive: true });

        const found = openDatabase(copy);
        const isNew = JSON.stringify(held(found)) === JSON.stringify(restored[what]);
        if (!isNew) expect(held(found)).toEqual(inStore);
        found.close();
        expect(readdirSync(copy).filter((name) => /restor|draft|creating/.test(name))).toEqual([]);
        seen[isNew ? 'new' : 'old'] += 1;

        await restoreBackup({ dataDir: again, file: backup, what, queues: [], collections: [], now: NOW });
        const finished = openDatabase(again);
        expect(held(finished)).toEqual(restored[what]);
        finished.close();
        for (const used of [copy, again]) rmSync(used, { recursive: true });
        return signal === null;
      };
      for (let call = 1, ended = false; !ended; call += SIDE_BY_SIDE) {
        ended = (await Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, n) => killedAt(call + n)))).includes(true);
      }
      expect(seen.old).toBeGreaterThan(8);
      expect(seen.new).toBeGreaterThan(3);
    },
    TIMEOUT_MS,
  );

  test(
    'keeps every start away until it is done, which is told apart from a store in use',
    async () => {
      using folder = temporaryFolder();
      const { dataDir, backup } = prepare(folder.path);
      let refused = 0;
      for (let call = 2, ended = false; !ended; call += 3) {
        const copy = join(folder.path, `stopped-${call}`);
        cpSync(dataDir, copy, { recursive: true });
        const child = startRestore(copy, backup, what, call, 'SIGSTOP');
        const closed = once(child, 'close');
        try {
          await eventually(() => child.exitCode !== null || isStopped(child.pid));
          ended = child.exitCode === 0;
          const isUnderWay = readdirSync(copy).some((name) => name.includes('.restor'));
          const error = startErrorOf(copy);
          if (isUnderWay)
            expect(error).toMatchObject({
              code: 'store_being_restored',
              message: expect.stringContaining('Start again') as unknown,
            });
          // Before it has the lock, or after its end.
          else expect([undefined, 'data_dir_in_use']).toContain(error?.code);
          if (isUnderWay) refused += 1;
        } finally {
          child.kill('SIGCONT');
          await closed;
        }
        const after = openDatabase(copy);
        expect(held(after)).toEqual(restored[what]);
        after.close();
      }
      expect(refused).toBeGreaterThan(3);
    },
    TIMEOUT_MS,
  );
});

function isStopped(pid = 0): boolean {
  return / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

function startErrorOf(dataDir: string): StoreStartError | undefined {
  try {
    openDatabase(dataDir).close();
    return undefined;
  } catch (error) {
    if (error instanceof StoreStartError) return error;
    throw error;
  }
}

test('what was replaced is whole by itself: renaming it goes back', async () => {
  using folder = temporaryFolder();
  const { dataDir, backup } = prepare(folder.path);
  const { replaced } = await restoreBackup({
    dataDir,
    file: backup,
    what: 'everything',
    queues: [],
    collections: [],
    now: NOW,
  });
  const database = new DatabaseSync(replaced ?? '');
  expect(held(database)).toEqual(inStore);
  database.close();
});

test.each<[string, (store: string) => void]>([
  [
    'smashed',
    (store) => {
      writeFileSync(store, readFileSync(store).fill(0x5a, 4_096));
    },
  ],
  [
    'no database',
    (store) => {
      writeFileSync(store, 'gone '.repeat(3_000));
    },
  ],
  [
    'empty',
    (store) => {
      writeFileSync(store, '');
    },
  ],
  [
    'gone, its log left behind',
    (store) => {
      rmSync(store);
    },
  ],
])(
  'a store that is %s is refused with advice, and a restore gets over it; its old log is not read into the new file',
  async (_, spoil) => {
    using folder = temporaryFolder();
    const { dataDir, backup } = prepare(folder.path);
    spoil(join(dataDir, STORE_FILE));
    expect(startErrorOf(dataDir)?.message).toMatch(/backup restore|Put back|Bring the store back/);
    await restoreBackup({ dataDir, file: backup, what: 'everything', queues: [], collections: [], now: NOW });
    const database = openDatabase(dataDir);
    expect(held(database)).toEqual(inBackup);
    database.close();
  },
);

test('a store that is missing while a restore has left files is not replaced by an empty one', async () => {
  using folder = temporaryFolder();
  const { dataDir, backup } = prepare(folder.path);
  const store = join(dataDir, STORE_FILE);
  const { replaced = '' } = await restoreBackup({
    dataDir,
    file: backup,
    what: 'everything',
    queues: [],
    collections: [],
    now: NOW,
  });
  rmSync(store);
  expect(startErrorOf(dataDir)).toMatchObject({
    code: 'store_missing',
    message: expect.stringContaining(`rename ${replaced.slice(dataDir.length + 1)} to store.db`) as unknown,
  });
  // As an earlier version left it when it died between its two renames.
  cpSync(backup, `${store}.restoring`);
  expect(startErrorOf(dataDir)).toMatchObject({
    code: 'store_missing',
    message: expect.stringContaining('backup restore') as unknown,
  });
  expect(existsSync(`${store}.restoring`)).toBe(true);
  await restoreBackup({ dataDir, file: backup, what: 'everything', queues: [], collections: [], now: NOW });
  const database = openDatabase(dataDir);
  expect(held(database)).toEqual(inBackup);
  database.close();
});
