import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { buy, buyUntilAccepted, postPurchase, purchaseBodies, toPurchase } from '../e2e/harness/buyer.ts';
import * as credentials from '../e2e/harness/credentials.ts';
import { freePort } from '../../run/free-port.ts';
import { join } from '../e2e/harness/promise.ts';
import { seededRandom } from '../e2e/harness/random.ts';
import { Chapter } from '../e2e/harness/runbook.ts';
import { SystemProcess } from '../e2e/harness/system-process.ts';
import type { Purchase, PurchaseBody } from '../e2e/harness/wire.ts';
import { sharedEmulators } from '../emulators/shared-emulators.ts';
import type { Emulators } from '../../run/emulators/start-emulators.ts';
import { CloudWorld } from './harness/cloud-world.ts';

const TIMEOUT_MS = 180_000;
const KILLS = 2;
/** The move of this test's store has some ten. */
const MOST_PAGES = 6;
const LONGEST_PAGE_MS = 30;

withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
  const random = seededRandom(12);
  const dataDir = mkdtempSync(joinPath(tmpdir(), 'move-'));
  const recordFile = `${joinPath(dataDir, 'store.db')}.moved`;
  let emulators: Emulators;
  let world: CloudWorld;

  beforeAll(async () => {
    emulators = await sharedEmulators();
    world = await CloudWorld.open({
      emulators,
      policy: () => ({ ackDeadlineSeconds: 10, minBackoffSeconds: 0.1, maxBackoffSeconds: 0.5 }),
    });
  }, TIMEOUT_MS);
  afterAll(async () => {
    await world.close();
    await emulators.stop();
    rmSync(dataDir, { recursive: true });
  });

  test(
    'a system that is killed in a burst, and whose move is killed twice, goes on on Google Cloud: each purchase ends in one link and one event',
    async () => {
      const script = new Chapter('Moving from one machine to Google Cloud');
      const port = await freePort();
      const old = { url: `http://127.0.0.1:${port}` };
      const settings = settingsOf(world, old.url, { DATA_DIR: dataDir, PORT: String(port) });
      const system = new SystemProcess('infra/run/local/main.ts', settings);
      await system.ready(old.url);
      const told = await Promise.all(purchaseBodies('told', 20).map((body) => buy(old.url, body)));
      await eventually(() => world.webengage.eventCount >= 5);
      expect(await script.play(old, 'doctor --fix')).toMatchObject({ code: 0 });

      const { acknowledged, refused } = await burstUntilKilled(old.url, system);
      expect(acknowledged.length).toBeGreaterThan(50);

      const environment = {
        FIRESTORE_EMULATOR_HOST: emulators.firestoreHost,
        PUBSUB_EMULATOR_HOST: emulators.pubsubHost,
        CLOUD_TASKS_EMULATOR_HOST: emulators.cloudTasksHost,
        METADATA_SERVER_DETECTION: 'none',
      };
      const values = {
        'data dir': dataDir,
        project: world.project,
        url: world.relay.urlOf('link-worker'),
        account: 'tasks@example.com',
      };
      const command =
        'move --data-dir <data dir> --project <project> --link-worker-url <url> --tasks-service-account <account>';
      expect(await script.play(world, `${command} --dry-run`, values, environment)).toMatchObject({ code: 0 });
      expect(existsSync(recordFile)).toBe(false);
      for (let kill = 1; kill <= KILLS; kill += 1) await moveUntilKilled(values, environment);
      const moved = await script.play(world, `${command} --yes`, values, environment);
      expect(moved).toMatchObject({ code: 0, stdout: expect.stringContaining('Everything is there') as unknown });
      expect(await script.play(world, 'doctor --fix')).toMatchObject({ code: 0 });
      script.end();

      const again = new SystemProcess('infra/run/local/main.ts', settings);
      expect(await again.exited).toMatchObject({ code: 2 });
      expect(again.stderr).toContain(`was moved to Google Cloud (project ${world.project}`);

      world.purchases.push(
        ...told,
        ...acknowledged,
        ...(await Promise.all(refused.map((body) => buyUntilAccepted(world.url, body)))),
      );
      for (const purchase of told.slice(0, 3)) world.joins.push(await join(world, purchase));
      await world.keepsItsPromise();
    },
    TIMEOUT_MS,
  );

  /** As fast as a few buyers are, until links and events wait. */
  async function burstUntilKilled(
    url: string,
    system: SystemProcess,
  ): Promise<{ readonly acknowledged: readonly Purchase[]; readonly refused: readonly PurchaseBody[] }> {
    const bodies = purchaseBodies('burst', 400);
    const acknowledged: Purchase[] = [];
    const refused: PurchaseBody[] = [];
    const before = world.telegram.calls.of('createChatInviteLink');
    const buyer = async (): Promise<void> => {
      for (let body = bodies.shift(); body !== undefined && system.isRunning; body = bodies.shift()) {
        const answer = await postPurchase(url, body).catch(() => undefined);
        if (answer === undefined) refused.push(body);
        else acknowledged.push(toPurchase(answer, body));
      }
    };
    const buyers = Array.from({ length: 8 }, buyer);
    await eventually(() => acknowledged.length > 100 && world.telegram.calls.of('createChatInviteLink') > before + 20, {
      intervalMs: 2,
    });
    await system.kill();
    await Promise.all(buyers);
    return { acknowledged, refused };
  }

  async function moveUntilKilled(
    values: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>>,
  ): Promise<void> {
    const parameters = [
      'move',
      '--data-dir',
      dataDir,
      '--project',
      values['project'] ?? '',
      '--link-worker-url',
      values['url'] ?? '',
      '--yes',
    ];
    const process = new SystemProcess('infra/ops/main.ts', environment, parameters);
    // Written anew with each page.
    let seen = recordVersion(recordFile);
    let changes = 0;
    const last = 1 + Math.floor(random() * MOST_PAGES);
    await eventually(
      () => {
        const version = recordVersion(recordFile);
        if (version !== seen) changes += 1;
        seen = version;
        return !process.isRunning || changes >= last;
      },
      { intervalMs: 1 },
    );
    await sleep(random() * LONGEST_PAGE_MS);
    expect(await process.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  }
});

function recordVersion(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function settingsOf(
  { telegram, webengage }: CloudWorld,
  url: string,
  more: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    TELEGRAM_BOT_TOKEN: credentials.BOT_TOKEN,
    TELEGRAM_CHAT_ID: String(credentials.CHAT_ID),
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_WEBHOOK_SECRET: credentials.WEBHOOK_SECRET,
    BASE_URL: url,
    WEBENGAGE_LICENSE_CODE: credentials.LICENSE_CODE,
    WEBENGAGE_API_KEY: credentials.WEBENGAGE_API_KEY,
    WEBENGAGE_API_ROOT: webengage.url,
    INTAKE_API_KEYS: `${credentials.API_KEY},${credentials.NEXT_API_KEY}`,
    OPERATOR_API_KEYS: `ada:${credentials.OPERATOR_KEY},ben:${credentials.NEXT_OPERATOR_KEY}`,
    TASKS_MAX_DISPATCHES_PER_SECOND: '40',
    TASKS_MAX_CONCURRENT_DISPATCHES: '4',
    SAFE_RPS_SLEEP_MS: '0',
    // Some twenty a second, so that events wait when it is killed.
    WEBENGAGE_EVENTS_PER_MINUTE: '1200',
    BASE_BACKOFF_SEC: '0.2',
    ...more,
  };
}
