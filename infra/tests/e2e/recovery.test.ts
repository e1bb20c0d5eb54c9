import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, purchaseBodies, statusOf } from './harness/buyer.ts';
import { OPERATOR_KEY } from './harness/credentials.ts';
import { send } from './harness/http.ts';
import { ops } from './harness/ops.ts';
import { eraseSomebody } from './harness/erase-scenario.ts';
import { expectPromiseKept } from './harness/promise.ts';
import { rebuildAfterALoss, rebuildNeedsAPause } from './harness/rebuild-scenario.ts';
import { aDayOfSales, done } from './harness/recovery.ts';
import {
  pausedQueue,
  replayFromASnapshot,
  replayOfADayThatIsDone,
  replayWithBadArguments,
} from './harness/replay-scenarios.ts';
import { SystemProcess } from './harness/system-process.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

const FLOW_TIMEOUT_MS = 180_000;

afterEach(closeWorlds);

async function startedWorld(): Promise<World> {
  const world = await openWorld();
  await world.start();
  return world;
}

describe('recovery, embedded', () => {
  test(
    'a day that is done is replayed without one call to Telegram or WebEngage',
    async () => replayOfADayThatIsDone(await startedWorld()),
    FLOW_TIMEOUT_MS,
  );
  test(
    'a snapshot is made, listed, replayed and deleted',
    async () => replayFromASnapshot(await startedWorld()),
    FLOW_TIMEOUT_MS,
  );
  test(
    'a replay with wrong arguments says what would be right',
    async () => replayWithBadArguments(await startedWorld()),
    FLOW_TIMEOUT_MS,
  );
  test(
    'a paused queue makes no links, and loses nothing',
    async () => pausedQueue(await startedWorld()),
    FLOW_TIMEOUT_MS,
  );

  test(
    'documents of an older backup are rebuilt from the events: no second link, no second message',
    async () => {
      const world = await startedWorld();
      const before = await aDayOfSales(world, 'before', 3, 1);
      await expectPromiseKept(world, before);
      const { file } = await done<Backup>(world, 'backup', 'create');
      await rebuildAfterALoss(world, before, async () => {
        await world.process.stop();
        await done(world, 'backup', 'restore', file, '--data-dir', world.dataDir, '--documents-only', '--yes');
        await world.start();
        const { queues } = await done<{ readonly queues: readonly { readonly state: string }[] }>(
          world,
          'queue',
          'list',
        );
        expect(queues.filter(({ state }) => state !== 'paused')).toEqual([]);
        expect(queues.length).toBeGreaterThan(0);
        return { keptPurchases: before.purchases.length };
      });
    },
    FLOW_TIMEOUT_MS,
  );

  test(
    'erased data does not come back by a replay or a rebuild',
    async () => eraseSomebody(await startedWorld(), 'removed'),
    FLOW_TIMEOUT_MS,
  );

  test(
    'a rebuild with wrong arguments, or a running queue, says what would be right',
    async () => rebuildNeedsAPause(await startedWorld()),
    FLOW_TIMEOUT_MS,
  );
});

interface Backup {
  readonly file: string;
  readonly bytes: number;
}

function backUpTo({ url }: World, path: string): ReturnType<typeof send> {
  return send(`${url}/v1/ops/backups`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ path }),
  });
}

describe('backups', () => {
  test(
    'a live system is copied as of one moment, checked, and put back',
    async () => {
      const world = await startedWorld();
      const before = await aDayOfSales(world, 'before', 3, 1);
      await expectPromiseKept(world, before);
      // What is written while it is copied is in the copy as a whole or not at all.
      const [{ file }] = await Promise.all([
        done<Backup>(world, 'backup', 'create'),
        ...purchaseBodies('meanwhile', 40).map((body) => buy(world.url, body)),
      ]);
      expect(file).toContain(join(world.dataDir, 'backups'));
      const checked = await done<{
        readonly problems: readonly string[];
        readonly documents: Readonly<Record<string, number>>;
      }>(world, 'backup', 'check', file);
      expect(checked.problems).toEqual([]);
      expect(checked.documents['joins']).toBe(1);
      expect(checked.documents['invite_links']).toBeGreaterThanOrEqual(3);

      expect(await ops(world, ['backup', 'create', file])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('already') as unknown,
      });
      expect(await ops(world, ['backup', 'create', 'relative.db'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('absolute') as unknown,
      });
      const restore = ['backup', 'restore', file, '--data-dir', world.dataDir];
      expect(await ops(world, restore)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') as unknown });
      expect(await ops(world, [...restore, '--yes'])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('in use by another process. Stop it') as unknown,
      });

      // What is no path is refused by its name, and of several to one place one is made.
      for (const path of [
        '/etc/passwd',
        '/etc',
        `${world.dataDir}/nul\0.db`,
        `/${'x/'.repeat(2_500)}b.db`,
        `${world.dataDir}/no/such/folder/b.db`,
      ]) {
        const answer = await backUpTo(world, path);
        expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('path must')]);
      }
      const chosen = join(world.dataDir, 'chosen.db');
      expect(
        (await Promise.all([1, 2, 3].map(() => backUpTo(world, chosen)))).map(({ status }) => status).sort(),
      ).toEqual([200, 409, 409]);
      expect(await ops(world, ['backup', 'check', chosen])).toMatchObject({ code: 0 });

      await world.process.stop();
      const { replaced } = await done<{ readonly replaced: string }>(world, ...restore, '--yes');
      expect(existsSync(replaced)).toBe(true);
      await world.start();
      const status = await Promise.all(before.purchases.map(({ requestId }) => statusOf(world.url, requestId)));
      expect(status).toMatchObject([
        { status: 'DONE', weLinkEventFired: true },
        { status: 'DONE' },
        { status: 'DONE' },
      ]);
    },
    FLOW_TIMEOUT_MS,
  );

  test(
    'a restore names who was erased after the backup was made, and they are erased again by that',
    async () => {
      const world = await startedWorld();
      const day = await aDayOfSales(world, 'day', 2, 1);
      await expectPromiseKept(world, day);
      const { file } = await done<Backup>(world, 'backup', 'create');
      const [gone, stays] = day.purchases;
      if (gone === undefined || stays === undefined) throw new Error('There are two');
      await done(world, 'erase', '--user', gone.userId, '--yes');
      const restore = ['backup', 'restore', file, '--data-dir', world.dataDir, '--yes'];
      await world.process.stop();
      expect(await done(world, ...restore)).toMatchObject({ erasedButBack: [gone.requestId] });
      const spoken = await ops(world, restore);
      expect(spoken).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`erase --request ${gone.requestId} --yes`) as unknown,
      });
      await world.start();
      expect(await statusOf(world.url, gone.requestId)).toMatchObject({ status: 'DONE' });
      expect(await done(world, 'erase', '--request', gone.requestId, '--yes')).toMatchObject({
        requestIds: [gone.requestId],
      });
      expect(await statusOf(world.url, gone.requestId)).toMatchObject({ status: 'ERASED' });
      expect(await ops(world, ['find', '--user', gone.userId])).toMatchObject({ code: 1 });
      expect(await statusOf(world.url, stays.requestId)).toMatchObject({ status: 'DONE' });
      const later = await done<Backup>(world, 'backup', 'create');
      await world.process.stop();
      expect(await done(world, 'backup', 'restore', later.file, '--data-dir', world.dataDir, '--yes')).toMatchObject({
        erasedButBack: [],
      });
    },
    FLOW_TIMEOUT_MS,
  );

  test(
    'a damaged, foreign or missing backup is found out before anything is replaced',
    async () => {
      const world = await startedWorld();
      const { file } = await done<Backup>(world, 'backup', 'create');
      await world.process.stop();
      const store = readFileSync(join(world.dataDir, 'store.db'));
      const damaged = readFileSync(file);
      damaged.fill(0xab, 4_096, 12_288);
      writeFileSync(file, damaged);
      const foreign = join(world.dataDir, 'foreign.db');
      writeFileSync(foreign, 'a letter, not a database'.repeat(500));
      for (const path of [file, foreign, join(world.dataDir, 'nowhere.db')]) {
        expect(await ops(world, ['backup', 'check', path])).toMatchObject({
          code: 1,
          stdout: expect.stringContaining('NOT usable') as unknown,
        });
        expect(await ops(world, ['backup', 'restore', path, '--data-dir', world.dataDir, '--yes'])).toMatchObject({
          code: 2,
          stderr: expect.stringContaining('not usable') as unknown,
        });
      }
      expect(readFileSync(join(world.dataDir, 'store.db')).equals(store)).toBe(true);
    },
    FLOW_TIMEOUT_MS,
  );
});

describe('a restore while a supervisor starts the system', () => {
  test(
    'ends the start with code 75 and a sentence; the next start has what was restored',
    async () => {
      const world = await startedWorld();
      const before = await aDayOfSales(world, 'before', 2, 0);
      const { file } = await done<Backup>(world, 'backup', 'create');
      await world.process.stop();
      // Stopped in the middle, where the store that is to come lies there and the old one is in its place.
      const embedded = 'shared/src/platform/backends/embedded/testing';
      const restore = new SystemProcess('--import', {}, [
        `./${embedded}/kill-at-file-call.ts`,
        `${embedded}/restore-process.ts`,
        world.dataDir,
        file,
        'everything',
        '20:SIGSTOP',
      ]);
      await eventually(() => existsSync(join(world.dataDir, 'store.db.restoring')));
      const tooEarly = world.spawn();
      expect(await tooEarly.exited).toEqual({ code: 75, signal: null });
      expect(tooEarly.stderr).toMatch(/is being restored. Start again/);
      restore.signal('SIGCONT');
      expect(await restore.exited).toEqual({ code: 0, signal: null });
      await world.start();
      for (const { requestId } of before.purchases)
        expect(await statusOf(world.url, requestId)).toMatchObject({ status: 'DONE' });
    },
    FLOW_TIMEOUT_MS,
  );
});
