import { communities, type Community } from '@paid-community/shared/model/communities/community.ts';
import { ListBots } from '@paid-community/shared/model/operations/telegram-questions.ts';
import type { DocumentStore, Page } from '@paid-community/shared/platform/ports/document-store.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { askTelegram } from '../../telegram/ask-telegram.ts';

const PAGE = 1_000;
const WITHOUT_TOKEN = 'Its token is missing: add it to TELEGRAM_BOT_TOKENS and restart';

export const listBots = defineOperation({
  action: 'bots.list',
  method: 'GET',
  path: '/bots',
  refusals: ['conflict'],
  summary:
    'The bots whose tokens link-worker has, as Telegram knows them now, and the communities that each serves. A bot that communities name and whose token is missing comes after them.',
  input: Type.Object({}, { additionalProperties: false }),
  answer: Type.Object({
    bots: Type.Array(
      Type.Object({
        botId: Type.String({ description: 'the digits before the colon of its token' }),
        isDefault: Type.Boolean({ description: 'the bot of TELEGRAM_BOT_TOKEN' }),
        username: Type.Optional(Type.String()),
        fault: Type.Optional(Type.String({ description: 'why it cannot be used' })),
        communityIds: Type.Array(Type.String(), { description: 'those that name it in their botIds' }),
      }),
    ),
  }),
  logged: (_, answer) => ({ found: answer?.bots.length }),
  run: async (_, call) => {
    const [{ bots }, byBot] = await Promise.all([askTelegram(ListBots, {}, call), communitiesByBot(call.store)]);
    const served = new Set(bots.map(({ botId }) => botId));
    const missing = [...byBot.keys()].filter((botId) => !served.has(botId));
    const known = [...bots, ...missing.map((botId) => ({ botId, username: undefined, fault: WITHOUT_TOKEN }))];
    return {
      bots: known.map(({ botId, username, fault }, index) => ({
        botId,
        isDefault: index === 0,
        username,
        fault,
        communityIds: byBot.get(botId) ?? [],
      })),
    };
  },
});

async function communitiesByBot(store: DocumentStore): Promise<ReadonlyMap<string, readonly string[]>> {
  const byBot = new Map<string, string[]>();
  let cursor: string | undefined;
  do {
    const page: Page<Community> = await store.query({
      collection: communities,
      where: {},
      orderBy: { field: 'communityId', direction: 'ascending' },
      limit: PAGE,
      cursor,
    });
    for (const { data } of page.documents) {
      if (data.state === 'disconnected') continue;
      for (const botId of data.botIds) byBot.set(botId, [...(byBot.get(botId) ?? []), data.communityId]);
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return byBot;
}
