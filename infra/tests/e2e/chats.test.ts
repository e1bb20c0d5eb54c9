import { afterEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { healthReports } from '@paid-community/shared/model/operations/health-report.ts';
import { communityEvents } from '@paid-community/shared/model/topics.ts';
import type { SimulatedChat } from '../../run/simulators/telegram/simulated-chat.ts';
import { botCall } from '../../run/simulators/testing/bot-calls.ts';
import { buy } from './harness/buyer.ts';
import {
  callOperator,
  FIRST_BOT,
  FRIENDS_CHAT,
  connectGoldAndSignals,
  GOLD_CHAT,
  mustSucceed,
  openWorldOfChats,
  SECOND_BOT,
  SIGNALS_CHAT,
  startWorldOfChats,
} from './harness/communities.ts';
import { SECOND_BOT_TOKEN } from './harness/credentials.ts';
import { ops } from './harness/ops.ts';
import { expectPromiseKept, join } from './harness/promise.ts';
import { storedDocuments } from './harness/stored.ts';
import { closeWorlds, type World } from './harness/world.ts';

afterEach(closeWorlds);

/** An alarm "within seconds" of Telegram's update; with the machine to itself it is a tenth of one. */
const MOST_SECONDS = 5;

interface Told {
  readonly type: string;
  readonly communityId: string;
  readonly atMs: number;
}

/** Gold is served by the second bot, signals by both; what is published of communities is kept with its time. */
async function worldOfCommunities(): Promise<{ world: World; backend: Backend; told: Told[] }> {
  const world = await openWorldOfChats();
  const told: Told[] = [];
  const backend = await world.startInProcess((inner) => ({
    eventBus: {
      seek: (...seeking) => inner.eventBus.seek(...seeking),
      publish: async (topic, message) => {
        const messageId = await inner.eventBus.publish(topic, message);
        if (topic.name === communityEvents.name) {
          const { type, data } = JSON.parse(message.data) as { type: string; data: { communityId: string } };
          told.push({ type, communityId: data.communityId, atMs: performance.now() });
        }
        return messageId;
      },
    },
    taskQueue: inner.taskQueue,
    store: inner.store,
    administration: inner.administration,
    checkReady: () => inner.checkReady(),
    close: () => inner.close(),
    deliverTo: (handlers) => inner.deliverTo(handlers),
  }));
  await connectGoldAndSignals(world);
  return { world, backend, told };
}

describe('a change of what a bot may do in a chat is an alarm within seconds', () => {
  test.each<[string, string, number, (chat: SimulatedChat) => void]>([
    ['a right lost', 'gold', GOLD_CHAT, (chat) => chat.setBotStanding(SECOND_BOT, { rights: ['can_post_messages'] })],
    ['no administrator any more', 'gold', GOLD_CHAT, (chat) => chat.setBotStanding(SECOND_BOT, 'member')],
    ['the bot removed', 'gold', GOLD_CHAT, (chat) => chat.setBotStanding(SECOND_BOT, 'kicked')],
    ['the chat deleted', 'gold', GOLD_CHAT, (chat) => chat.delete()],
    ['one of two bots removed', 'signals', SIGNALS_CHAT, (chat) => chat.setBotStanding(SECOND_BOT, 'left')],
  ])('%s', async (name, communityId, chatId, change) => {
    const { world, backend, told } = await worldOfCommunities();
    const chat = world.telegram.chat(chatId);
    const before = chat.standingOf(SECOND_BOT) ?? 'left';
    const finding = async () =>
      (await backend.store.get(healthReports, 'link-worker'))?.data.findings.find(
        ({ check }) => check === `community ${communityId}`,
      );

    const changedAtMs = performance.now();
    change(chat);
    await eventually(() => told.some(({ type }) => type === 'CommunityImpaired'));
    await eventually(async () => expect((await finding())?.state).toMatch(/failing|warning/));
    const [impaired] = told.filter(({ type }) => type === 'CommunityImpaired');
    expect(impaired?.communityId).toBe(communityId);
    expect(((impaired?.atMs ?? Infinity) - changedAtMs) / 1_000).toBeLessThan(MOST_SECONDS);

    if (name === 'the chat deleted') return;
    const mendedAtMs = performance.now();
    chat.setBotStanding(SECOND_BOT, before);
    await eventually(() => told.some(({ type }) => type === 'CommunityRestored'));
    await eventually(async () => expect((await finding())?.state).toBe('ok'));
    const [restored] = told.filter(({ type }) => type === 'CommunityRestored');
    expect(((restored?.atMs ?? Infinity) - mendedAtMs) / 1_000).toBeLessThan(MOST_SECONDS);
    expect(told.filter(({ type }) => type === 'CommunityImpaired')).toHaveLength(1);
  });
});

test('a group of the settings that becomes a supergroup is followed within seconds, before any purchase needs it', async () => {
  const group = { chatId: FRIENDS_CHAT, title: 'Friends', kind: 'group' } as const;
  const world = await openWorldOfChats({
    settings: { TELEGRAM_CHAT_ID: String(FRIENDS_CHAT) },
    telegram: { chats: [{ ...group, bots: [{ botId: FIRST_BOT, standing: 'inviting_administrator' }] }] },
  });
  await world.start();
  const migratedAtMs = performance.now();
  const chatId = String(world.telegram.chat(FRIENDS_CHAT).migrate());
  await eventually(() =>
    expect(world.process.logged('the group became a supergroup, and is followed')[0]).toMatchObject({ chatId }),
  );
  expect((performance.now() - migratedAtMs) / 1_000).toBeLessThan(MOST_SECONDS);
});

test('a join that both bots of a community see is told once, and is unmatched nowhere', async () => {
  const world = await startWorldOfChats();
  const purchases = [
    await buy(world.url, { userId: 'a', communityId: 'signals' }),
    await buy(world.url, { userId: 'b' }),
  ];
  const joins = [];
  for (const purchase of purchases) joins.push(await join(world, purchase));
  await expectPromiseKept(world, { purchases, joins });
  await eventually(() => world.telegram.bots.every(({ updates }) => updates.pendingCount === 0));
  await world.process.stop();
  const { joins: recorded, unmatched_joins: unmatched } = await storedDocuments(world.dataDir);
  expect(recorded.map(({ communityId }) => communityId).sort()).toEqual(['default', 'signals']);
  expect(unmatched).toEqual([]);
});

interface Waiting {
  readonly links: readonly { readonly group: string; readonly channel: string }[];
}

describe.each(['webhook', 'polling'] as const)('a connection link, with updates by %s', (by) => {
  async function waitingWorld(): Promise<{ world: World; links: Waiting['links'] }> {
    const world = await openWorldOfChats({
      settings: by === 'polling' ? { TELEGRAM_UPDATES: 'polling', BASE_URL: '', TELEGRAM_WEBHOOK_SECRET: '' } : {},
      telegram: {
        chats: [
          { chatId: GOLD_CHAT, title: 'Gold', kind: 'supergroup' },
          { chatId: SIGNALS_CHAT, title: 'Signals', kind: 'channel' },
        ],
      },
    });
    await world.start();
    const body = { communityId: 'gold', name: 'Gold', entry: 'link', removal: 'off', botIds: [String(SECOND_BOT)] };
    const { json } = await mustSucceed(callOperator(world, 'POST', '/communities', body));
    return { world, links: (json as Waiting).links };
  }

  const kindsOf = async (world: World): Promise<readonly string[]> => {
    const { result } = await botCall({ url: world.telegram.url, botToken: SECOND_BOT_TOKEN }, 'getWebhookInfo');
    return (result as { allowed_updates?: readonly string[] }).allowed_updates ?? [];
  };
  const stateOf = async (world: World): Promise<string> =>
    ((await callOperator(world, 'GET', '/communities/gold')).json as { community: { state: string } }).community.state;

  test('that an administrator taps connects the group, and then no messages are asked for any more', async () => {
    const { world, links } = await waitingWorld();
    await eventually(async () => expect(await kindsOf(world)).toContain('message'));
    world.telegram.tap({ link: links[0]?.group ?? '', chatId: GOLD_CHAT });
    await eventually(async () => expect(await stateOf(world)).toBe('connected'));
    await eventually(async () => expect(await kindsOf(world)).not.toContain('message'));
    const purchase = await buy(world.url, { userId: 'a', communityId: 'gold' });
    await expectPromiseKept(world, { purchases: [purchase], joins: [await join(world, purchase)] });
  });

  test('with another code connects nothing, and holds nothing up', async () => {
    const { world, links } = await waitingWorld();
    await eventually(async () => expect(await kindsOf(world)).toContain('message'));
    const link = links[0]?.group.replace(/startgroup=[^&]+/, `startgroup=${'x'.repeat(32)}`) ?? '';
    world.telegram.tap({ link, chatId: GOLD_CHAT });
    await eventually(() =>
      expect(world.process.logged('a connection code that is not open for this bot was sent')).toHaveLength(1),
    );
    await eventually(() => world.telegram.bot(SECOND_BOT).updates.pendingCount === 0);
    expect(await stateOf(world)).toBe('waiting');
  });

  test('of a channel brings no code: the channel is listed, and an operator connects it by its id', async () => {
    const { world, links } = await waitingWorld();
    world.telegram.tap({ link: links[0]?.channel ?? '', chatId: SIGNALS_CHAT });
    await eventually(async () =>
      expect((await ops(world, ['communities', 'candidates', '--json'])).json).toMatchObject({
        candidates: [{ chatId: String(SIGNALS_CHAT), title: 'Signals', kind: 'channel', botId: String(SECOND_BOT) }],
      }),
    );
    expect(await stateOf(world)).toBe('waiting');
    const args = ['communities', 'connect', 'gold', '--chat', String(SIGNALS_CHAT), '--bots', String(SECOND_BOT)];
    expect(await ops(world, [...args, '--removal', 'off'])).toMatchObject({ code: 0 });
    expect(await ops(world, ['communities', 'candidates'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('No chat of no community'),
    });
  });
});
