import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { BotStanding, TelegramOptions } from '../../../run/simulators/telegram/telegram-options.ts';
import { BOT_TOKEN, OPERATOR_KEY, SECOND_BOT_TOKEN } from './credentials.ts';
import { send, type Answer } from './http.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

const botIdOf = (token: string): number => Number(token.split(':', 1)[0]);

export const FIRST_BOT = botIdOf(BOT_TOKEN);
export const SECOND_BOT = botIdOf(SECOND_BOT_TOKEN);
/** A private supergroup that has the second bot. */
export const GOLD_CHAT = -1_001_234_500_002;
/** A public channel, @e2e_signals, that has both bots. */
export const SIGNALS_CHAT = -1_001_234_500_003;
/** A basic group that no bot is in. */
export const FRIENDS_CHAT = -450_000_004;

const all: BotStanding = 'inviting_administrator';

/** Two bots, and chats that no community has yet besides that of `default`. */
export const BOTS_AND_CHATS: Pick<TelegramOptions, 'bots' | 'chats'> = {
  bots: [{ token: SECOND_BOT_TOKEN, username: 'second_bot' }],
  chats: [
    { chatId: GOLD_CHAT, title: 'Gold', kind: 'supergroup', bots: [{ botId: SECOND_BOT, standing: all }] },
    {
      chatId: SIGNALS_CHAT,
      title: 'Signals',
      kind: 'channel',
      username: 'e2e_signals',
      bots: [
        { botId: FIRST_BOT, standing: all },
        { botId: SECOND_BOT, standing: all },
      ],
    },
    { chatId: FRIENDS_CHAT, title: 'Friends', kind: 'group' },
  ],
};

/** A world with these. */
export function openWorldOfChats({ telegram, ...options }: WorldOptions = {}): Promise<World> {
  return openWorld({ ...options, telegram: { ...BOTS_AND_CHATS, ...telegram } });
}

/** The same, running, with `gold` and `signals` connected. */
export async function startWorldOfChats(options?: WorldOptions): Promise<World> {
  const world = await openWorldOfChats(options);
  await world.start();
  await connectGoldAndSignals(world);
  return world;
}

/** One call of the operator API, as ada; the answer as it is. */
export function callOperator(
  { url }: Pick<World, 'url'>,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Answer> {
  return send(`${url}/v1/ops${path}`, {
    method,
    headers: { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' },
    body: method === 'POST' ? (body ?? {}) : undefined,
  });
}

export interface CommunityBody {
  readonly communityId: string;
  /** An id, or the @name of a public chat. */
  readonly chatId: string;
  readonly botIds: readonly string[];
  /** What the operation takes besides. */
  readonly [setting: string]: unknown;
}

export function connect(world: Pick<World, 'url'>, { communityId, ...more }: CommunityBody): Promise<Answer> {
  const settings = { name: communityId, entry: 'link', removal: 'off' };
  return callOperator(world, 'POST', '/communities', { communityId, ...settings, ...more });
}

/** What connects `gold`. */
export const GOLD: CommunityBody = { communityId: 'gold', chatId: String(GOLD_CHAT), botIds: [String(SECOND_BOT)] };

/** Connects `gold` (second bot) and `signals` (both bots), and waits until every bot's webhook is registered. */
export async function connectGoldAndSignals(world: World): Promise<void> {
  await mustSucceed(connect(world, GOLD));
  await mustSucceed(
    connect(world, {
      communityId: 'signals',
      chatId: '@e2e_signals',
      botIds: [String(FIRST_BOT), String(SECOND_BOT)],
    }),
  );
  await eventually(() => world.telegram.bots.every(({ calls }) => calls.of('setWebhook') > 0));
}

/** @throws with the answer when it is no 200. */
export async function mustSucceed(answer: Promise<Answer>): Promise<Answer> {
  const { status, text } = await answer;
  if (status !== 200) throw new Error(`status ${status}: ${text}`);
  return answer;
}
