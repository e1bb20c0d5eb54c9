import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import type { OpsApi } from '../../ops/ops-api.ts';
import { atOnce } from '../at-once.ts';
import type { ChatOptions } from '../simulators/telegram/telegram-options.ts';

// What a system has at once when it talks to a simulated Telegram: the community `default` of its settings, two more
// communities, one with a plan of minutes, and two bots.

const CONNECTING_AT_ONCE = 8;
/** The largest page that the API gives. */
const MOST_IN_PAGE = 200;

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
  /** What an operator sets besides; without it people are let in by links, and never removed. */
  readonly rules?: object | undefined;
  readonly plan?: SimulatedPlan | undefined;
}

export interface SimulatedPlan {
  readonly planId: string;
  readonly name: string;
  readonly period: string;
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

/** Where one can watch memberships live and end. */
const MINUTES: SimulatedCommunity = {
  communityId: 'minutes',
  name: 'Some minutes',
  kind: 'supergroup',
  // Far from those of more communities.
  chatId: SIMULATED_CHAT_ID - 100_000,
  botIds: [FIRST_BOT],
  rules: { removal: 'on', reminders: ['PT1M'], grace: 'PT1M', revokeAfterJoin: true, wrongPerson: 'remove' },
  plan: { planId: 'two-minutes', name: 'Two minutes', period: 'PT2M' },
};

/** What a start has besides `default`, where nobody says how many. */
export const STARTING_COMMUNITIES: readonly SimulatedCommunity[] = [...FIRST_COMMUNITIES, MINUTES];

/** How many communities that sell links alone there are at `npm start`, `default` included. */
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
  if (communities.length === 0) return [];
  const problems: string[] = [];
  let known: ReadonlySet<string>;
  try {
    known = await knownIds(api);
  } catch (error) {
    return [`The simulated communities are not connected: ${errorMessage(error)}`];
  }
  const unknown = communities.filter(({ communityId }) => !known.has(communityId));
  await atOnce(CONNECTING_AT_ONCE, unknown.values(), async ({ communityId, name, chatId, botIds, rules, plan }) => {
    try {
      const chat = { chatId: String(chatId), botIds, entry: 'link', removal: 'off' };
      await api.post('/communities', { communityId, name, ...chat, ...rules });
      if (plan !== undefined) await api.post('/plans', { ...plan, communityIds: [communityId] });
    } catch (error) {
      problems.push(`The simulated community ${communityId} is not connected: ${errorMessage(error)}`);
    }
  });
  return problems;
}

interface Page {
  readonly communities: readonly { readonly communityId: string }[];
  readonly nextCursor?: string;
}

/** Listed, because asking for one that is not there would be a warning in the log of a first start. */
async function knownIds(api: OpsApi): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  let cursor: string | undefined;
  do {
    const page: Page = await api.get('/communities', { limit: MOST_IN_PAGE, cursor });
    for (const { communityId } of page.communities) ids.add(communityId);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return ids;
}
