import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openBackend } from '@paid-community/shared/platform/backends/open-backend.ts';
import { temporaryFolder } from '@paid-community/shared/platform/backends/embedded/testing/embedded-for-test.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { topology } from '@paid-community/shared/topology.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { ops, type OpsResult } from './harness/ops.ts';

// What the move refuses before it has called anybody: nothing listens where it is told that Google Cloud is.

const NOBODY = {
  FIRESTORE_EMULATOR_HOST: '127.0.0.1:1',
  PUBSUB_EMULATOR_HOST: '127.0.0.1:1',
  CLOUD_TASKS_EMULATOR_HOST: '127.0.0.1:1',
  METADATA_SERVER_DETECTION: 'none',
};
const TO = ['--project', 'moved-here', '--link-worker-url', 'http://127.0.0.1:1'];

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => {
  folder[Symbol.dispose]();
});

function open(): Promise<Backend> {
  return openBackend({
    backend: 'embedded',
    dataDir: folder.path,
    topology,
    clock: systemClock,
    log: createLogger({ level: 'silent', secrets: [] }),
  });
}

function move(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = NOBODY,
): Promise<OpsResult> {
  return ops({ url: 'http://127.0.0.1:1' }, ['move', ...parameters], environment);
}

describe('a move', () => {
  test('without its settings names all of them with their options, and what would be right', async () => {
    const { code, stderr } = await move(['--data-dir', folder.path, '--region', 'not a region'], {});
    expect(code).toBe(2);
    for (const part of [
      '--project or GCP_PROJECT is missing',
      '--link-worker-url or LINK_WORKER_URL is missing',
      '--tasks-service-account or TASKS_SERVICE_ACCOUNT is missing',
      '--region or GCP_LOCATION must be',
    ])
      expect(stderr).toContain(part);
    expect(stderr).not.toContain('not a region');
  });

  test('without a folder, or to some emulators and some real services, is refused', async () => {
    expect(await move(TO)).toMatchObject({ code: 2, stderr: expect.stringContaining('--data-dir') as unknown });
    expect(await move(['--data-dir', folder.path, ...TO], { FIRESTORE_EMULATOR_HOST: '127.0.0.1:1' })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/All emulators or none/) as unknown,
    });
  });

  test('of a folder without a store is refused, and makes nothing in it but a lock', async () => {
    expect(await move(['--data-dir', join(folder.path, 'nowhere'), ...TO])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no folder') as unknown,
    });
    expect(await move(['--data-dir', folder.path, ...TO])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no store') as unknown,
    });
    expect(readdirSync(folder.path)).toEqual(['store.lock']);
  });

  test('of a running system is refused', async () => {
    const backend = await open();
    expect(await move(['--data-dir', folder.path, ...TO, '--yes'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is in use by another process') as unknown,
    });
    await backend.close();
  });

  test('whose other side does not answer says so of each part, and leaves a store that starts', async () => {
    await (await open()).close();
    const { code, stderr } = await move(['--data-dir', folder.path, ...TO, '--yes']);
    expect(code).toBe(1);
    for (const part of ['Nothing was moved', '- Firestore: ', '- Cloud Tasks: ', '- Pub/Sub: '])
      expect(stderr).toContain(part);
    expect(stderr).not.toContain('Unfinished');
    await (await open()).close();
  });

  test('that goes on to another place than it began with is refused', async () => {
    await (await open()).close();
    const to = { project: 'first-one', database: '(default)', location: 'asia-south1', queue: 'tg-invite-queue' };
    writeFileSync(
      join(folder.path, 'store.db.moved'),
      JSON.stringify({
        to,
        startedAt: '2026-11-28T08:00:00.000Z',
        documents: {},
        tasks: {},
        messages: {},
        conflicts: [],
      }),
    );
    expect(await move(['--data-dir', folder.path, ...TO, '--yes'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('project first-one, not moved-here') as unknown,
    });
  });
});

describe('a store whose move has begun', () => {
  const record = {
    to: { project: 'there', database: '(default)', location: 'asia-south1', queue: 'tg-invite-queue' },
    startedAt: '2026-11-28T08:00:00.000Z',
    documents: {},
    tasks: {},
    messages: {},
    conflicts: [],
  };

  test('is not started, and takes no backup in its place, until the record of the move is removed', async () => {
    await (await open()).close();
    const file = join(folder.path, 'store.db.moved');
    writeFileSync(file, JSON.stringify(record));
    await expect(open()).rejects.toMatchObject({
      code: 'store_moved',
      message: expect.stringContaining('run `ops move` again') as unknown,
    });
    const copy = join(folder.path, 'copy.db');
    writeFileSync(copy, readFileSync(join(folder.path, 'store.db')));
    expect(await ops({ url: '' }, ['backup', 'restore', copy, '--data-dir', folder.path, '--yes'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('project there') as unknown,
    });
    writeFileSync(file, JSON.stringify({ ...record, finishedAt: '2026-11-28T08:10:00.000Z' }));
    await expect(open()).rejects.toMatchObject({
      code: 'store_moved',
      message: expect.stringContaining('was moved to Google Cloud (project there') as unknown,
    });
    rmSync(file);
    await (await open()).close();
  });

  test('is not started when its record is not readable', async () => {
    await (await open()).close();
    writeFileSync(join(folder.path, 'store.db.moved'), '{"to":');
    await expect(open()).rejects.toMatchObject({
      code: 'store_moved',
      message: expect.stringContaining('Remove it only if') as unknown,
    });
  });
});
