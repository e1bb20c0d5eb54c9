import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import { ApiError, type OpsApi } from '../../ops/ops-api.ts';
import { atOnce } from '../at-once.ts';
import type { ChatOptions } from '../simulators/telegram/telegram-options.ts';

// What a system has at once when it talks to a simulated Telegram: the community `default` of its settings, two more
// communities, and two bots.

const CONNECTING_AT_ONCE = 8;

const BOTS = ['1000000001', '1000000002'] as const;
const [FIRST_BOT, SECOND_BOT] = BOTS;

export const SIMULATED_BOT_TOKEN = `${FIRST_BOT}:SIMULATED`;
export const SIMULATED_BOT_TOKENS = `${SECOND_BOT}:SIMULATED`;
export const SIMULATED_CHAT_ID = -1_001_000_000_001;

/** A community besides `default`, with its chat at Telegram. */
export interface SimulatedCommunity {
  readonly communityId: string;
  readonly name: string;
  readonly kind: 'supergroup' | 'channel';
  readonly chatId: number;
  readonly botIds: readonly string[];
}

const FIRST_COMMUNITIES: readonly SimulatedCommunity[] = [
  {
    communityId: 'gold',
    name: 'Gold members',
    kind: 'supergroup',
    chatId: SIMULATED_CHAT_ID - 1,
    botIds: [SECOND_BOT],
  },
  { communityId: 'signals', name: 'Signals', kind: 'channel', chatId: SIMULATED_CHAT_ID - 2, botIds: BOTS },
];

/** How many communities there are at `npm start`, `default` included. */
export const SIMULATED_COMMUNITIES = 1 + FIRST_COMMUNITIES.length;

/** So many communities, `default` included, which is none of these. */
export function simulatedCommunities(count: number): readonly SimulatedCommunity[] {
  const more = Array.from({ length: Math.max(0, count - SIMULATED_COMMUNITIES) }, (_, index) => {
    const number = SIMULATED_COMMUNITIES + 1 + index;
    return {
      communityId: `community-${number}`,
      name: `Community ${number}`,
      kind: 'supergroup' as const,
      chatId: SIMULATED_CHAT_ID - number,
      botIds: [BOTS[index % BOTS.length] ?? FIRST_BOT],
    };
  });
  return [...FIRST_COMMUNITIES, ...more].slice(0, count - 1);
}

/** The chats as people made them, with the bots among their administrators. */
export function chatsOf(communities: readonly SimulatedCommunity[]): readonly ChatOptions[] {
  return communities.map(({ chatId, name, kind, botIds }) => ({
    chatId,
    title: name,
    kind,
    bots: botIds.map((botId) => ({ botId: Number(botId), standing: 'inviting_administrator' })),
  }));
}

/**
 * Connects those that the system does not know yet, as an operator does: what operators have changed since stays as it
 * is. Returns what went wrong, a sentence each.
 */
export async function connectSimulated(
  communities: readonly SimulatedCommunity[],
  api: OpsApi,
): Promise<readonly string[]> {
  const problems: string[] = [];
  await atOnce(CONNECTING_AT_ONCE, communities.values(), async ({ communityId, name, chatId, botIds }) => {
    try {
      if (await isKnown(communityId, api)) return;
      const chat = { chatId: String(chatId), botIds, entry: 'link', removal: 'off' };
      await api.post('/communities', { communityId, name, ...chat });
    } catch (error) {
      problems.push(`The simulated community ${communityId} is not connected: ${errorMessage(error)}`);
    }
  });
  return problems;
}

async function isKnown(communityId: string, api: OpsApi): Promise<boolean> {
  try {
    await api.get(`/communities/${communityId}`);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
