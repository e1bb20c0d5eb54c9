import { chatCandidates } from '@paid-community/shared/model/communities/chat-candidate.ts';
import { communityChats } from '@paid-community/shared/model/communities/community-chat.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { pageFields } from '../http/page-fields.ts';

const Candidate = Type.Object({
  chatId: Type.String(),
  title: Type.String({ description: 'chosen by whoever has the chat, so look at the id as well' }),
  kind: Type.String({ description: 'as Telegram calls it: supergroup, channel, group (basic)' }),
  botId: Type.String(),
  seenAt: Type.String({ format: 'date-time' }),
});

export const listCandidates = defineOperation({
  action: 'communities.candidates',
  method: 'GET',
  // Not below /communities: any name there is that of a community.
  path: '/chat-candidates',
  summary:
    'The chats that made a bot an administrator within the last day and are no community’s, the newest first, a page at a time. Telegram does not tell which link was tapped for a channel: connect it by its id.',
  input: Type.Object(pageFields, { additionalProperties: false }),
  answer: Type.Object({ candidates: Type.Array(Candidate), nextCursor: Type.Optional(Type.String()) }),
  logged: (_, answer) => ({ found: answer?.candidates.length }),
  run: async ({ limit = 50, cursor }, { store }) => {
    const { documents, nextCursor } = await store.query({
      collection: chatCandidates,
      where: {},
      orderBy: { field: 'seenAt', direction: 'descending' },
      limit,
      cursor,
    });
    const candidates = await Promise.all(
      documents.map(async ({ data: { chatId, title, kind, botId, seenAt } }) => {
        const isTaken = (await store.get(communityChats, chatId)) !== undefined;
        return isTaken ? [] : [{ chatId, title, kind, botId, seenAt }];
      }),
    );
    return { candidates: candidates.flat(), nextCursor };
  },
});
