import { communityChats } from '@paid-community/shared/model/communities/community-chat.ts';
import { disconnected } from '@paid-community/shared/model/communities/community-life.ts';
import { deleteDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { Type } from 'typebox';
import { writeCommunity } from '../../communities/write-community.ts';
import { defineOperation } from '../http/operation.ts';
import { CommunityAnswer } from './community-answer.ts';
import { communityField } from './community-field.ts';
import { communityInWords, readToChange } from './read-community.ts';
import { WorkAnswer, workOf } from './work-answer.ts';

export const disconnectCommunity = defineOperation({
  action: 'communities.disconnect',
  method: 'POST',
  path: '/communities/:communityId/disconnect',
  refusals: ['not_found', 'conflict'],
  summary:
    'Ends a community: it takes no purchases any more, and another may have its chat. The bots stay in the chat, people stay members, and links that buyers have stay valid. Purchases that have no link yet become dead letters, and can be retried once it is connected again. The same call again changes nothing.',
  input: Type.Object(communityField, { additionalProperties: false }),
  answer: Type.Object({ community: CommunityAnswer, work: WorkAnswer }),
  logged: ({ communityId }, answer) => ({ communityId, queued: answer?.work.queued }),
  run: async ({ communityId }, call) => {
    const { store } = call;
    const { read, known, at } = await readToChange(communityId, call);
    const next = known.state === 'disconnected' ? known : disconnected(known, at);
    if (known.state !== 'disconnected') {
      const release = known.state === 'connected' ? [deleteDocument(communityChats, known.chatId)] : [];
      await writeCommunity(read, next, store, release);
    }
    return { community: await communityInWords(next, store), work: await workOf(communityId, call) };
  },
});
