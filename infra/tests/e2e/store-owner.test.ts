import { cpSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openEmbeddedBackend } from '@paid-community/shared/platform/backends/embedded/open-embedded-backend.ts';
import { storeOwners } from '@paid-community/shared/model/operations/store-owner.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { deleteDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, purchaseBodies, statusOf } from './harness/buyer.ts';
import { expectPromiseKept } from './harness/promise.ts';
import type { Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

const NO_TELEGRAM = {
  TELEGRAM_BOT_TOKEN: '',
  TELEGRAM_CHAT_ID: '',
  TELEGRAM_API_ROOT: '',
  TELEGRAM_WEBHOOK_SECRET: '',
  BASE_URL: '',
};
const NO_WEBENGAGE = { WEBENGAGE_API_KEY: '', WEBENGAGE_LICENSE_CODE: '', WEBENGAGE_API_ROOT: '' };
const OTHER_KEYS = { INTAKE_API_KEYS: '', OPERATOR_API_KEYS: '' };

const BOT = 'telegram:4400000042/-1001234567890';
const ACCOUNT = 'webengage:e2e-licence';

/** Some purchases are done, and of the rest nothing has reached Telegram. */
async function withWaitingPurchases(world: World): Promise<readonly Purchase[]> {
  await world.start();
  const purchases = [await buy(world.url, { userId: 'first', transactionId: 't' })];
  await eventually(async () => (await statusOf(world.url, purchases[0]?.requestId ?? ''))?.weLinkEventFired === true);
  world.telegram.faults.behaviour = ({ method }) =>
    method === 'createChatInviteLink' ? { kind: 'answer', status: 500 } : undefined;
  for (const body of purchaseBodies('waiting', 5)) purchases.push(await buy(world.url, body));
  await world.process.stop();
  return purchases;
}

/** What the refused start says. It must be over before anything is delivered, swept or called. */
async function refused(world: World, settings: Readonly<Record<string, string>>): Promise<string> {
  const calls = callsOf(world);
  const process = world.spawn({ settings });
  expect(await process.exited).toEqual({ code: 2, signal: null });
  expect(process.stderr).not.toMatch(/^\s+at |Ready on/m);
  expect(process.stdout).not.toMatch(/delivery|link call|swept/);
  expect(callsOf(world)).toEqual(calls);
  return process.stderr;
}

function callsOf({ telegram, webengage }: World): readonly number[] {
  return [
    ...['createChatInviteLink', 'getMe', 'getWebhookInfo', 'setWebhook', 'getUpdates'].map((method) =>
      telegram.calls.of(method),
    ),
    webengage.eventCount,
  ];
}

/** As an older version has left the store behind. */
async function forgetOwners({ dataDir }: World): Promise<void> {
  const backend = openEmbeddedBackend({
    dataDir,
    topology,
    clock: systemClock,
    log: createLogger({ level: 'silent', secrets: [] }),
  });
  await backend.store.commit([deleteDocument(storeOwners, 'telegram'), deleteDocument(storeOwners, 'webengage')]);
  await backend.close();
}

describe('a store that has served a real side', () => {
  const strangers: readonly (readonly [
    what: string,
    settings: Readonly<Record<string, string>>,
    names: readonly string[],
    said: readonly string[],
  ])[] = [
    [
      'without its settings',
      { ...NO_TELEGRAM, ...NO_WEBENGAGE, ...OTHER_KEYS },
      [BOT, ACCOUNT],
      ['TELEGRAM_BOT_TOKEN is not set', 'WEBENGAGE_API_KEY is not set'],
    ],
    ['without Telegram', NO_TELEGRAM, [BOT], ['TELEGRAM_BOT_TOKEN is not set']],
    ['without WebEngage', NO_WEBENGAGE, [ACCOUNT], ['WEBENGAGE_API_KEY is not set']],
    [
      'for another bot',
      { TELEGRAM_BOT_TOKEN: '4400000043:AAEtEsTbOtToKeNwHiChIsSeCrEt_0123456' },
      [BOT],
      ['bot 4400000043', 'bot 4400000042'],
    ],
    [
      'for another chat',
      { TELEGRAM_CHAT_ID: '-1009999999999' },
      [BOT],
      ['TELEGRAM_CHAT_ID', '-1009999999999', '-1001234567890'],
    ],
    [
      'for a chat of which only the name is known',
      { TELEGRAM_CHAT_ID: '@community' },
      [BOT],
      ['TELEGRAM_CHAT_ID', '@community', 'not known here'],
    ],
    [
      'for another WebEngage account',
      { WEBENGAGE_LICENSE_CODE: '~other' },
      [ACCOUNT],
      ['licence ~other', 'licence e2e-licence'],
    ],
  ];

  test.each(strangers)(
    'is left alone by a start %s, and the right one finds all that waits',
    async (_what, settings, names, said) => {
      const world = await openWorld();
      const purchases = await withWaitingPurchases(world);
      const words = await refused(world, settings);
      for (const part of [...said, ...names, 'STORE_OWNER_CHANGE']) expect(words).toContain(part);
      expect(words.match(/^ {2}- /gm)).toHaveLength(names.length);
      world.telegram.faults.clear();
      await world.start();
      await expectPromiseKept(world, { purchases });
    },
  );

  test('knows its owner when the store comes from an older version, which did not record it', async () => {
    // Only a pace leaves a trace of the bot.
    const world = await openWorld({ settings: { SAFE_RPS_SLEEP_MS: '1' } });
    const purchases = await withWaitingPurchases(world);
    for (const settings of [
      { ...NO_TELEGRAM, ...NO_WEBENGAGE, ...OTHER_KEYS },
      { TELEGRAM_CHAT_ID: '-1009999999999' },
      { TELEGRAM_BOT_TOKEN: '4400000043:AAEtEsTbOtToKeNwHiChIsSeCrEt_0123456' },
    ]) {
      await forgetOwners(world);
      expect(await refused(world, settings)).toContain(BOT);
    }
    world.telegram.faults.clear();
    const process = await world.start();
    expect(process.stderr).toMatch(/did not say whose it is; from now on it is that of bot 4400000042/);
    await expectPromiseKept(world, { purchases });
    await world.process.stop();
    expect((await world.start()).stderr).not.toContain('whose it is');
  });

  test('is known in a copy as well', async () => {
    const world = await openWorld();
    await withWaitingPurchases(world);
    const other = await openWorld({
      telegram: { botToken: '4400000077:AAEtEsTbOtToKeNwHiChIsSeCrEt_0123456' },
      settings: { TELEGRAM_BOT_TOKEN: '4400000077:AAEtEsTbOtToKeNwHiChIsSeCrEt_0123456' },
    });
    cpSync(world.dataDir, other.dataDir, { recursive: true });
    expect(await refused(other, {})).toContain(BOT);
  });

  test('is taken away on purpose by naming its owner, once', async () => {
    const world = await openWorld();
    await world.start();
    await world.process.stop();
    const token = '4400000043:AAEtEsTbOtToKeNwHiChIsSeCrEt_0123456';
    expect(
      await refused(world, { TELEGRAM_BOT_TOKEN: token, STORE_OWNER_CHANGE: 'telegram:4400000041/-1001234567890' }),
    ).toContain(BOT);
    const meant = world.spawn({ settings: { TELEGRAM_BOT_TOKEN: token, STORE_OWNER_CHANGE: BOT } });
    await meant.ready(world.url);
    expect(meant.stderr).toMatch(/was that of bot 4400000042 in chat -1001234567890, and is that of bot 4400000043/);
    await meant.stop();
    // What was forgotten in .env lets no later mistake through, and is told.
    expect(await refused(world, { ...NO_TELEGRAM, STORE_OWNER_CHANGE: BOT })).toContain(
      'telegram:4400000043/-1001234567890',
    );
    const again = world.spawn({ settings: { TELEGRAM_BOT_TOKEN: token, STORE_OWNER_CHANGE: BOT } });
    await again.ready(world.url);
    expect(again.stderr).toContain(`STORE_OWNER_CHANGE does nothing with ${BOT}`);
  });

  test('is served on under the new id of a group that became a supergroup, and with another data centre', async () => {
    const world = await openWorld();
    const first = [await start(world).then(() => buy(world.url, { userId: 'u1', transactionId: 't' }))];
    await expectPromiseKept(world, { purchases: first });
    const chatId = String(world.telegram.migrateChat());
    const purchases = [...first, await buy(world.url, { userId: 'u2', transactionId: 't' })];
    await expectPromiseKept(world, { purchases });
    await world.process.stop();
    const process = await world.start({
      settings: { TELEGRAM_CHAT_ID: chatId, WEBENGAGE_API_ROOT: world.webengage.url.replace('127.0.0.1', 'localhost') },
    });
    expect(process.stderr).toMatch(
      new RegExp(`was that of bot 4400000042 in chat -1001234567890, and is that of bot 4400000042 in chat ${chatId}`),
    );
    expect(process.stderr).toMatch(
      /was that of licence e2e-licence at 127.0.0.1:\d+, and is that of licence e2e-licence at localhost:\d+/,
    );
    await expectPromiseKept(world, {
      purchases: [...purchases, await buy(world.url, { userId: 'u3', transactionId: 't' })],
    });
  });
});

async function start(world: World): Promise<void> {
  await world.start();
}

describe('a store that has served simulated sides', () => {
  const SIMULATED = { ...NO_TELEGRAM, ...NO_WEBENGAGE, SIMULATOR_PORT: '0' };

  test('becomes real when nothing waits: so a newcomer goes on', async () => {
    const world = await openWorld();
    const tried = world.spawn({ settings: SIMULATED });
    await tried.ready(world.url);
    const purchase = await buy(world.url, { userId: 'tried', transactionId: 't' });
    await eventually(async () => (await statusOf(world.url, purchase.requestId))?.weLinkEventFired === true);
    await tried.stop();
    const process = await world.start();
    expect(process.stderr).toMatch(/was that of a simulated Telegram, and is that of bot 4400000042/);
    await expectPromiseKept(world, { purchases: [await buy(world.url, { userId: 'real', transactionId: 't' })] });
  });

  test('does not tell anybody real of what was only tried and still waits', async () => {
    const world = await openWorld();
    const tried = world.spawn({ settings: { ...SIMULATED, SIMULATOR_LINKS_PER_SECOND: '0.01' } });
    await tried.ready(world.url);
    for (const body of purchaseBodies('tried', 4)) await buy(world.url, body);
    await tried.stop();
    const words = await refused(world, {});
    expect(words).toMatch(/in this store \d purchases or events wait for a simulated Telegram/);
    const meant = world.spawn({ settings: { STORE_OWNER_CHANGE: 'telegram:simulated,webengage:simulated' } });
    await meant.ready(world.url);
  });
});

test('.env.example, docs/settings.md and the refusal name the same setting', () => {
  for (const file of ['../../../.env.example', '../../../docs/settings.md'])
    expect(readFileSync(new URL(file, import.meta.url), 'utf8')).toContain('STORE_OWNER_CHANGE');
});
