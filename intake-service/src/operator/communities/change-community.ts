import {
  communities,
  DEFAULT_COMMUNITY,
  type ConnectedCommunity,
} from '@paid-community/shared/model/communities/community.ts';
import { chatFaults } from '@paid-community/shared/model/communities/chat-faults.ts';
import type { ExaminedChat } from '@paid-community/shared/model/communities/chat-standing.ts';
import { changed } from '@paid-community/shared/model/communities/community-life.ts';
import { ExamineChat } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { timeOfChange } from '../../communities/time-of-change.ts';
import { writeCommunity } from '../../communities/write-community.ts';
import { defineOperation, type OperatorCall } from '../http/operation.ts';
import { askTelegram } from '../telegram/ask-telegram.ts';
import { CommunityAnswer, describeCommunity } from './community-answer.ts';
import { communityField } from './community-field.ts';
import { documentOfDefault } from './default-document.ts';
import { describeDefault, readCommunity } from './read-community.ts';
import { requireFillablePool } from './require-fillable-pool.ts';
import { checkSettings, optionalSettings, requiredSettings } from './setting-fields.ts';

const { name, entry, removal } = requiredSettings;

export const changeCommunity = defineOperation({
  action: 'communities.change',
  method: 'POST',
  path: '/communities/:communityId',
  refusals: ['not_found', 'conflict'],
  summary:
    'Changes the named settings of a community. What they need of its chat is looked at first. It is in force within 10 seconds.',
  input: Type.Object(
    {
      ...communityField,
      name: Type.Optional(name),
      entry: Type.Optional(entry),
      removal: Type.Optional(removal),
      ...optionalSettings,
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({ community: CommunityAnswer }),
  logged: ({ communityId, ...changes }) => ({ communityId, fields: Object.keys(changes).join(' ') }),
  run: async ({ communityId, ...changes }, call) => {
    const { store } = call;
    if (Object.keys(changes).length === 0)
      throw new HttpError('invalid_request', 'There is nothing to change: name at least one setting');
    checkSettings(changes, call.clock.now());
    const isDefault = communityId === DEFAULT_COMMUNITY;
    const read = isDefault ? await store.get(communities, communityId) : await readCommunity(communityId, store);
    const at = await timeOfChange(call);
    const next = changed(read?.data ?? documentOfDefault(at), changes, at);
    if (changes.poolSize !== undefined) await requireFillablePool(next, store);
    // The chat of default is looked at by link-worker, which has it; what is missing is on the health page.
    if (next.state === 'connected' && (changes.botIds !== undefined || changes.removal !== undefined))
      await requireRights(next, call);
    await writeCommunity(read, next, store);
    return { community: isDefault ? await describeDefault(next, store) : describeCommunity(next) };
  },
});

/** @throws HttpError `conflict` that names what is missing */
async function requireRights(community: ConnectedCommunity, call: OperatorCall): Promise<void> {
  const { chatId, botIds } = community;
  const chat = (await askTelegram(
    (asked) => ExamineChat.toQueueTask({ ...asked, chatId, botIds: [...botIds] }),
    call,
  )) as ExaminedChat;
  const faults = chatFaults(chat, community);
  if (faults.length > 0) throw new HttpError('conflict', faults.join('. '));
}
