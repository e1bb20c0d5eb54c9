import { Type } from 'typebox';
import { defineTask, type TaskDefinition } from '../../platform/delivery/define-task.ts';
import type { ExaminedChat } from '../communities/chat-standing.ts';
import type { MadeNamedLink, RevokedNamedLink } from '../links/named-link.ts';
import { operatorQueue } from '../queues.ts';

// What services without a token ask of Telegram: intake-service for operators, join-tracker where an update may be lost.
// They queue a question, link-worker answers with a document of telegram_answers, and they wait for it.

/** The type of `readAnswer` is what link-worker has to answer, and what the asking service gets. */
export interface TelegramQuestion<Data, Answer extends object> extends TaskDefinition<Data> {
  readonly readAnswer: (result: object) => Answer;
}

const asked = {
  askId: Type.String({ minLength: 1, maxLength: 100 }),
  traceparent: Type.String(),
  /** How often it was put back, because its call had no turn yet. */
  deferrals: Type.Optional(Type.Integer({ minimum: 1 })),
};
const Id = Type.String({ minLength: 1 });
const nameOf = ({ askId, deferrals }: { readonly askId: string; readonly deferrals?: number | undefined }): string =>
  deferrals === undefined ? askId : `${askId}-${deferrals}`;

/**
 * What the chat is, and what each bot may do there. No chat: that of the settings; no bots: the bot of the settings.
 * It is refused when Telegram does not say.
 */
export const ExamineChat = {
  ...defineTask({
    type: 'examine-chat',
    queue: operatorQueue,
    data: Type.Object({ ...asked, chatId: Type.Optional(Id), botIds: Type.Array(Id) }),
    nameOf,
  }),
  readAnswer: (result: object): ExaminedChat => result as ExaminedChat,
};

/** Which bots there are. */
export const ListBots = {
  ...defineTask({
    type: 'list-bots',
    queue: operatorQueue,
    data: Type.Object(asked),
    nameOf,
  }),
  readAnswer: (result: object): KnownBots => result as KnownBots,
};

/** The bot of the settings first. */
export interface KnownBots {
  readonly bots: readonly {
    readonly botId: string;
    /** Without @; absent while Telegram has not told it. */
    readonly username?: string | undefined;
    /** Why it cannot be used; absent when it can. */
    readonly fault?: string | undefined;
  }[];
}

/** A link that an operator makes by hand. */
export const MakeNamedLink = {
  ...defineTask({
    type: 'make-named-link',
    queue: operatorQueue,
    data: Type.Object({
      ...asked,
      communityId: Id,
      name: Type.String({ maxLength: 32 }),
      /** 1 to 99,999 people at the same time; absent: without a limit. */
      memberLimit: Type.Optional(Type.Integer({ minimum: 1, maximum: 99_999 })),
      linkExpiresAt: Type.Optional(Type.String()),
      /** Name of the operator's key. */
      madeBy: Id,
    }),
    nameOf,
  }),
  readAnswer: (result: object): MadeNamedLink => result as MadeNamedLink,
};

export const RevokeNamedLink = {
  ...defineTask({
    type: 'revoke-named-link',
    queue: operatorQueue,
    /** `linkId`: of a document of named_links. */
    data: Type.Object({ ...asked, linkId: Id, revokedBy: Id }),
    nameOf,
  }),
  readAnswer: (result: object): RevokedNamedLink => result as RevokedNamedLink,
};

export const SendTestMessage = {
  ...defineTask({
    type: 'send-test-message',
    queue: operatorQueue,
    data: Type.Object({ ...asked, communityId: Id, text: Type.String({ minLength: 1, maxLength: 4_096 }) }),
    nameOf,
  }),
  readAnswer: (result: object): SentTestMessage => result as SentTestMessage,
};

export interface SentTestMessage {
  readonly botId: string;
  /** Without @; absent in a channel. */
  readonly username?: string | undefined;
  readonly chatId: string;
  readonly messageId: string;
}

/** Where Telegram sees an account; what updates said of it may be lost. */
export const SeeMember = {
  ...defineTask({
    type: 'see-member',
    queue: operatorQueue,
    data: Type.Object({ ...asked, communityId: Id, telegramUserId: Id }),
    nameOf,
  }),
  readAnswer: (result: object): SeenMember => result as SeenMember,
};

export interface SeenMember {
  /** banned: outside, and an administrator lets the person in no more; unknown: Telegram does not say. */
  readonly place: 'inside' | 'outside' | 'banned' | 'unknown';
}
