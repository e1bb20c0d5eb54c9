import type { Collection } from '../../platform/ports/topology-types.ts';

/** What a bot may do in a chat. */
export interface BotStanding {
  readonly botId: string;
  /** Without @; absent while Telegram has not told it. */
  readonly username?: string | undefined;
  /**
   * As Telegram calls it: creator, administrator, member, restricted, left, kicked. Else `token_refused` when Telegram
   * takes its token no more, `chat_not_found` when it cannot see the chat, `unknown_bot` when nobody has its token.
   */
  readonly status: string;
  readonly mayInvite: boolean;
  /** can_restrict_members: needed to remove people. */
  readonly mayRestrict: boolean;
}

/** Of a bot that may do nothing in the chat. */
export function powerless(botId: string, status: string): BotStanding {
  return { botId, status, mayInvite: false, mayRestrict: false };
}

/** What Telegram says of a chat: the answer to ExamineChat. */
export interface ExaminedChat {
  /** As Telegram has it: a number, also when it was asked by its @name. As it was asked when no bot can see the chat. */
  readonly chatId: string;
  readonly title?: string | undefined;
  /** As Telegram calls it: supergroup, channel, group (basic), private. Absent when no bot can see the chat. */
  readonly kind?: string | undefined;
  readonly memberCount?: number | undefined;
  /** Those that were asked for, each. */
  readonly bots: readonly BotStanding[];
}

/** What Telegram said last about the chat of a community. */
export interface ChatStanding extends ExaminedChat {
  readonly communityId: string;
  /** Sentences of what is wrong for what the community's settings need; empty: all is well. */
  readonly faults: readonly string[];
  /** Since when these are the faults; absent in the first one that had none. */
  readonly since?: string | undefined;
  /** The event of the last change of the faults is still to be published. */
  readonly isUntold?: true | undefined;
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
