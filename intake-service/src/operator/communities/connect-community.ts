import { communities, DEFAULT_COMMUNITY, type Community } from '@paid-community/shared/model/communities/community.ts';
import { settingsOf } from '@paid-community/shared/model/communities/community-life.ts';
import { ExamineChat } from '@paid-community/shared/model/operations/telegram-questions.ts';
import type { Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { Type } from 'typebox';
import { announce, connectChat } from '../../communities/connect-chat.ts';
import { defineOperation, type OperatorCall } from '../http/operation.ts';
import { askTelegram } from '../../telegram/ask-telegram.ts';
import { communityField } from './community-field.ts';
import { CommunityAnswer, ConnectionLink, describeCommunity, type CommunityAndLinks } from './community-answer.ts';
import { connectedAlready } from './connected-already.ts';
import { requireFillablePool } from './require-fillable-pool.ts';
import { reopenDefault } from './reopen-default.ts';
import {
  checkSettings,
  optionalSettings,
  requiredSettings,
  withDefaults,
  type GivenSettings,
} from './setting-fields.ts';
import { waitForTap } from './wait-for-tap.ts';

const chatField = {
  chatId: Type.Optional(
    Type.String({
      pattern: '^(-[1-9]\\d{0,18}|@[A-Za-z]\\w{3,31})$',
      description:
        'a chat id such as -1001234567890, or the @name of a public chat; without it the answer has links that an administrator taps',
    }),
  ),
};

export const connectCommunity = defineOperation({
  action: 'communities.connect',
  method: 'POST',
  path: '/communities',
  refusals: ['conflict'],
  summary:
    'Connects a chat as a community, when its bots have the rights that its settings need. Bots cannot make groups: a person does. The same call again changes nothing.',
  input: Type.Object(
    { ...communityField, ...requiredSettings, ...chatField, ...optionalSettings },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    community: CommunityAnswer,
    links: Type.Optional(Type.Array(ConnectionLink, { description: 'without a chatId: for an administrator to tap' })),
  }),
  logged: ({ communityId, chatId }, answer) => ({ communityId, chatId, state: answer?.community.state }),
  run: async ({ communityId, chatId, ...given }, call): Promise<CommunityAndLinks> => {
    checkSettings(given, call.clock.now());
    const read = await call.store.get(communities, communityId);
    if (communityId === DEFAULT_COMMUNITY) return { community: await reopenDefault(read, chatId, given, call) };
    if (chatId !== undefined) return connectTo(chatId, communityId, given, read, call);
    return waitForTap(communityId, given, read, call);
  },
});

async function connectTo(
  chatId: string,
  communityId: string,
  given: GivenSettings,
  read: Snapshot<Community> | undefined,
  call: OperatorCall,
): Promise<CommunityAndLinks> {
  const chat = await askTelegram(ExamineChat, { chatId, botIds: [...(given.botIds ?? [])] }, call);
  const settings = withDefaults(given, given.botIds ?? chat.bots.map(({ botId }) => botId));
  const known = read?.data;
  if (known?.state === 'connected') {
    const isSame = JSON.stringify(settingsOf(known)) === JSON.stringify(settings);
    if (known.chatId !== chat.chatId || !isSame) throw connectedAlready(known);
    await announce(known, call);
    return { community: describeCommunity(known) };
  }
  await requireFillablePool(settings, call.store);
  return { community: describeCommunity(await connectChat(communityId, settings, chat, read, call)) };
}
