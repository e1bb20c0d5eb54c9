import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { connectOpsApi, type OpsApi } from '../../ops/ops-api.ts';
import { DrivenClock } from '../../tests/e2e/harness/driven-clock.ts';
import { readLocalSettings, SIMULATION_API_KEY, SIMULATION_OPERATOR_KEY } from './settings.ts';
import { connectSimulated, simulatedCommunities } from './simulated-communities.ts';
import { startLocal, type LocalSystem } from './start-local.ts';

let dataDir: string;
let lines: string[];
let running: LocalSystem | undefined;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'simulated-communities-'));
  lines = [];
});
afterEach(async () => {
  await running?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(clock?: Clock): Promise<LocalSystem & { readonly api: OpsApi }> {
  await running?.stop();
  const config = readLocalSettings({ PORT: '0', DATA_DIR: dataDir, HEALTH_CHECK_MINUTES: '0' });
  const log = createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) });
  running = await startLocal(config, log, clock === undefined ? {} : { clock });
  return { ...running, api: connectOpsApi({ url: running.url, key: SIMULATION_OPERATOR_KEY }) };
}

interface Listed {
  readonly communityId: string;
  readonly state: string;
  readonly name: string;
  readonly connectedAt: string;
  readonly chat?: object | undefined;
}

async function listed(api: OpsApi): Promise<readonly Listed[]> {
  return (await api.get<{ readonly communities: readonly Listed[] }>('/communities')).communities;
}

/** The communities without what Telegram says of their chats: that comes and changes by itself. */
async function chosen(api: OpsApi): Promise<readonly Listed[]> {
  return (await listed(api)).map((community) => ({ ...community, chat: undefined }));
}

test('a simulated system sells access to three communities at once, a channel among them, by two bots', async () => {
  const { url, simulators, says } = await start();
  expect(says).toEqual([]);
  expect(lines.filter((line) => /"level":"(warn|error)"/.test(line))).toEqual([]);
  for (const communityId of [undefined, 'gold', 'signals']) {
    const response = await fetch(`${url}/v1/invite/request`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SIMULATION_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ userId: '12345', transactionId: 'txn_abc', communityId }),
    });
    expect(response.status).toBe(202);
  }
  const chatsWithLinks = (): unknown[] => Array.from(simulators?.telegram.links.all() ?? [], ({ chatId }) => chatId);
  const chats = [simulators?.telegram.chatId, ...simulatedCommunities(3).map(({ chatId }) => chatId)];
  await eventually(() => expect(chatsWithLinks().sort()).toEqual(chats.sort()));
  expect(simulators?.telegram.bots).toHaveLength(2);
});

test('a membership of minutes lives and ends: the buyer comes in, is reminded, and is out after a minute of grace', async () => {
  const clock = new DrivenClock();
  const { url, simulators, api } = await start(clock);
  if (simulators === undefined) throw new Error('Telegram is not simulated');
  const { telegram, webengage } = simulators;
  // A join before that is told to nobody.
  await eventually(() => telegram.bots.every(({ calls }) => calls.of('setWebhook') > 0));
  await fetch(`${url}/v1/invite/request`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SIMULATION_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ userId: '12345', transactionId: 'txn_abc', planId: 'two-minutes' }),
  });
  await eventually(() => telegram.links.size === 1);
  const [{ inviteLink, chatId } = { inviteLink: '', chatId: 0 }] = telegram.links.all();
  expect(telegram.join({ inviteLink, telegramUserId: 42 })).toMatchObject({ ok: true });
  await eventually(async () => {
    const { memberships } = await api.post<{ memberships: readonly object[] }>('/memberships/find', {
      userId: '12345',
    });
    expect(memberships).toMatchObject([{ communityId: 'minutes', state: 'active', presence: 'inside' }]);
  });
  await eventually(
    () => {
      clock.advanceTo(clock.aheadMs + 30_000);
      telegram.clockOffsetMs = clock.aheadMs;
      return !telegram.chat(chatId).isIn(42);
    },
    { intervalMs: 100 },
  );
  await eventually(() =>
    expect(Object.keys(webengage.countsByName())).toEqual(
      expect.arrayContaining(['pass_paid_community_membership_expiring', 'pass_paid_community_member_removed']),
    ),
  );
});

test('a later start on the same data doubles nothing, and leaves as it is what operators have changed', async () => {
  const first = await start();
  await first.api.post('/communities/gold', { name: 'Renamed' });
  await first.api.post('/communities/signals/disconnect');
  const before = await chosen(first.api);
  expect(before.map(({ communityId }) => communityId)).toEqual(['default', 'gold', 'minutes', 'signals']);
  lines = [];
  const second = await start();
  expect(await chosen(second.api)).toEqual(before);
  expect(second.says).toEqual([]);
  expect(lines.filter((line) => line.includes('communities.connect'))).toEqual([]);
});

test('title, members and rights of every chat are listed within seconds, without a health check', async () => {
  const { api } = await start();
  const chats = async (): Promise<readonly unknown[]> =>
    (await api.get<{ readonly communities: readonly { readonly chat?: object }[] }>('/communities')).communities.map(
      ({ chat }) => chat,
    );
  const described = {
    title: expect.any(String),
    kind: expect.any(String),
    memberCount: expect.any(Number),
    faults: [],
  };
  await eventually(async () => expect(await chats()).toMatchObject([described, described, described, described]));
});

test('what cannot be connected is said', async () => {
  const { api } = await start();
  const silver = { communityId: 'silver', name: 'Silver', kind: 'supergroup', chatId: -1009, botIds: ['7'] } as const;
  expect(await connectSimulated([silver], api)).toEqual([
    expect.stringMatching(/^The simulated community silver is not connected: ./),
  ]);
});
