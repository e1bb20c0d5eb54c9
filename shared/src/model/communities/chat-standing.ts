import type { Collection } from '../../platform/ports/topology-types.ts';

/** What a bot may do in a chat. */
export interface BotStanding {
  readonly botId: string;
  /** Without @; absent while Telegram has not told it. */
  readonly username?: string | undefined;
  /** As Telegram calls it: administrator, member, left, kicked …; `token_refused` when its token is not valid. */
  readonly status: string;
  readonly mayInvite: boolean;
  /** can_restrict_members: needed to remove people. */
  readonly mayRestrict: boolean;
}

/** What Telegram said last about the chat of a community. */
export interface ChatStanding {
  readonly communityId: string;
  readonly chatId: string;
  readonly title?: string | undefined;
  /** As Telegram calls it: supergroup, channel, group (basic), private. */
  readonly kind?: string | undefined;
  readonly memberCount?: number | undefined;
  readonly bots: readonly BotStanding[];
  /** Sentences of what is wrong for what the community's settings need; empty: all is well. */
  readonly faults: readonly string[];
  readonly checkedAt: string;
}

/** Id: the communityId. */
export const chatStandings: Collection<ChatStanding> = {
  name: 'chat_standings',
  owner: 'link-worker',
  operatorWrites: false,
  keyedBy: 'communityId',
  personalFields: {},
  onErasure: { keep: 'is about the community' },
  indexes: [],
};
