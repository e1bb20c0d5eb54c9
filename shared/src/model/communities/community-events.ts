import { Type } from 'typebox';
import { defineEvent, Timestamp } from '../../platform/delivery/define-event.ts';
import { communityEvents } from '../topics.ts';

const Id = Type.String({ minLength: 1 });

/** Somebody tapped the connection link of a waiting community, and put the bot into this chat. */
export const ChatOffered = defineEvent({
  type: 'ChatOffered',
  idSuffix: 'chat-offered',
  subjectOf: ({ communityId, chatId }) => `${communityId}.${chatId}`,
  source: 'join-tracker',
  topic: communityEvents,
  data: Type.Object({ communityId: Id, chatId: Id, botId: Id }),
});

/** A group became a supergroup: the same chat has another id from now on. */
export const ChatMigrated = defineEvent({
  type: 'ChatMigrated',
  idSuffix: 'chat-migrated',
  subjectOf: ({ communityId, toChatId }) => `${communityId}.${toChatId}`,
  source: 'link-worker',
  topic: communityEvents,
  data: Type.Object({ communityId: Id, fromChatId: Id, toChatId: Id }),
});

export const CommunityConnected = defineEvent({
  type: 'CommunityConnected',
  idSuffix: 'community-connected',
  subjectOf: ({ communityId, connectedAt }) => `${communityId}.${connectedAt}`,
  source: 'intake-service',
  topic: communityEvents,
  data: Type.Object({ communityId: Id, chatId: Id, name: Type.String(), connectedAt: Timestamp }),
});

/** What the settings of the community need does not hold any more: a right, a bot, the chat. */
export const CommunityImpaired = defineEvent({
  type: 'CommunityImpaired',
  idSuffix: 'community-impaired',
  subjectOf: ({ communityId, since }) => `${communityId}.${since}`,
  source: 'link-worker',
  topic: communityEvents,
  data: Type.Object({ communityId: Id, since: Type.String(), faults: Type.Array(Type.String(), { minItems: 1 }) }),
});

/** All that the settings of the community need holds again. */
export const CommunityRestored = defineEvent({
  type: 'CommunityRestored',
  idSuffix: 'community-restored',
  subjectOf: ({ communityId, since }) => `${communityId}.${since}`,
  source: 'link-worker',
  topic: communityEvents,
  data: Type.Object({ communityId: Id, since: Type.String() }),
});
