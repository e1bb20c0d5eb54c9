import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ConflictError, PermanentError } from '../../ports/errors.ts';
import { createDocument } from '../../ports/document-store.ts';
import { checkBackup } from './backup-file.ts';
import { restoreBackup } from './restore-backup.ts';
import { crashTopology, pairs } from './testing/crash-topology.ts';
import { openForTest, temporaryFolder } from './testing/embedded-for-test.ts';

test('a path that cannot be used is refused in one sentence that names it; nothing is made or written over', async () => {
  using folder = temporaryFolder();
  const backend = openForTest(join(folder.path, 'data'), crashTopology);
  const outside = join(folder.path, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'there.db'), 'kept');
  symlinkSync(join(outside, 'nowhere.db'), join(outside, 'dangling.db'));
  const messages = new Set<string>();
  for (const path of [
    ...[
      join(outside, 'there.db'),
      outside,
      join(outside, 'new', 'b.db'),
      join(outside, 'there.db', 'b.db'),
      '/etc/passwd',
      '/nowhere/at/all.db',
    ],
    ...[
      join(outside, 'nul\0.db'),
      join(outside, 'x'.repeat(300)),
      `${outside}/${'long/'.repeat(2_000)}b.db`,
      '/proc/self/b.db',
      '/',
    ],
  ]) {
    const error: unknown = await backend.administration.store.backUp(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PermanentError);
    messages.add((error as PermanentError).message);
  }
  expect([...messages]).toEqual([expect.stringMatching(/^path must name/)]);
  await expect(backend.administration.store.backUp('b.db')).rejects.toThrow('path must be absolute');
  expect(readFileSync(join(outside, 'there.db'), 'utf8')).toBe('kept');
  expect(readdirSync(outside).sort()).toEqual(['dangling.db', 'there.db']);
  expect(existsSync(join(folder.path, 'data', 'store.db.backup'))).toBe(false);
  // A file of ours goes into a folder that exists, also by a way around.
  const { file } = await backend.administration.store.backUp(join(folder.path, 'data', '..', 'outside', 'b.db'));
  expect(checkBackup(file).problems).toEqual([]);
  await backend.close();
});

test('of several backups at once one is made, and the others are told that it is', async () => {
  using folder = temporaryFolder();
  const backend = openForTest(folder.path, crashTopology);
  const file = join(folder.path, 'b.db');
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => backend.administration.store.backUp(file)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  for (const outcome of outcomes.slice(1))
    expect(outcome).toMatchObject({ reason: expect.any(ConflictError) as unknown });
  expect(checkBackup(file).problems).toEqual([]);
  expect(readdirSync(folder.path).sort()).toEqual(['b.db', 'store.db', 'store.db-wal', 'store.lock']);
  await backend.close();
});

test('a check leaves nothing beside the backup', async () => {
  using folder = temporaryFolder();
  const backend = openForTest(join(folder.path, 'data'), crashTopology);
  await backend.store.commit([createDocument(pairs, 'a', { key: 'a' })]);
  // What a crash leaves: a part of it is in the log.
  cpSync(join(folder.path, 'data'), join(folder.path, 'copy'), { recursive: true });
  await backend.administration.store.backUp(join(folder.path, 'b.db'));
  await backend.close();
  for (const file of [join(folder.path, 'b.db'), join(folder.path, 'copy', 'store.db')]) {
    expect(checkBackup(file)).toMatchObject({ problems: [], documents: { [pairs.name]: 1 } });
  }
  expect(readdirSync(folder.path).sort()).toEqual(['b.db', 'copy', 'data']);
  expect(readdirSync(join(folder.path, 'copy')).sort()).toEqual(['store.db', 'store.db-wal', 'store.lock']);
});

test('a backup that is killed before any of its steps leaves a whole file or, after the next start, nothing', async () => {
  using folder = temporaryFolder();
  const first = openForTest(join(folder.path, 'data'), crashTopology);
  await first.store.commit([createDocument(pairs, 'a', { key: 'a' })]);
  await first.close();
  const at = (file: string): string => new URL(file, import.meta.url).pathname;
  let whole = 0;
  const killedAt = async (call: number): Promise<boolean> => {
    const world = join(folder.path, String(call));
    const dataDir = join(world, 'data');
    cpSync(join(folder.path, 'data'), dataDir, { recursive: true });
    const elsewhere = join(world, 'elsewhere');
    mkdirSync(elsewhere);
    const file = call % 2 === 0 ? join(elsewhere, 'b.db') : join(dataDir, 'backups', 'b.db');
    const child = spawn(
      process.execPath,
      [
        '--import',
        at('testing/kill-at-file-call.ts'),
        at('testing/backup-process.ts'),
        dataDir,
        file,
        `${call}:SIGKILL`,
      ],
      { stdio: 'ignore' },
    );
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect({ code, signal }).toEqual(signal === null ? { code: 0, signal } : { code: null, signal: 'SIGKILL' });
    const next = openForTest(dataDir, crashTopology);
    expect(await next.store.get(pairs, 'a')).toBeDefined();
    await next.close();
    if (existsSync(file)) {
      expect(checkBackup(file).problems).toEqual([]);
      whole += 1;
    }
    const left = [elsewhere, join(dataDir, 'backups'), dataDir].flatMap((each) =>
      existsSync(each) ? readdirSync(each) : [],
    );
    expect(left.filter((name) => !['b.db', 'backups', 'store.db', 'store.lock', 'under-way'].includes(name))).toEqual(
      [],
    );
    return signal === null;
  };
  for (let call = 1, ended = false; !ended; call += 4) {
    ended = (await Promise.all([0, 1, 2, 3].map((n) => killedAt(call + n)))).includes(true);
  }
  expect(whole).toBeGreaterThan(1);
});

test('a restored backup leaves out what may have become untrue since it was made', async () => {
  using folder = temporaryFolder();
  const backend = openForTest(folder.path, crashTopology);
  await backend.store.commit([
    createDocument(pairs, 'one', { key: 'free' }),
    createDocument(pairs, 'two', { key: 'taken' }),
  ]);
  const { file } = await backend.administration.store.backUp(join(folder.path, 'b.db'));
  await backend.close();
  for (const what of ['documents', 'everything'] as const) {
    await restoreBackup({
      dataDir: folder.path,
      file,
      what,
      queues: [],
      collections: [{ name: pairs.name, notFromBackup: { field: 'key', value: 'free' } }],
      now: new Date(),
    });
    const restored = openForTest(folder.path, crashTopology);
    expect(await restored.store.get(pairs, 'one')).toBeUndefined();
    expect(await restored.store.get(pairs, 'two')).toMatchObject({ data: { key: 'taken' } });
    await restored.close();
  }
});
