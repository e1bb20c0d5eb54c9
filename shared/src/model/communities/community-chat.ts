import type { Collection } from '../../platform/ports/topology-types.ts';

/** Whose chat it is. One community at most has a chat: whoever creates this document first. */
export interface CommunityChatClaim {
  readonly communityId: string;
  readonly claimedAt: string;
}

/** Id: the chat id. */
export const communityChats: Collection<CommunityChatClaim> = {
  name: 'community_chats',
  owner: 'intake-service',
  operatorWrites: 'a chat is claimed and released with its community',
  keyedBy: 'chatId',
  personalFields: {},
  onErasure: { keep: 'is about the community' },
  indexes: [],
};
