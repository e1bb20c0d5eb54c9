import type { Collection } from '../../platform/ports/topology-types.ts';

/** What link-worker says to a question of an operator, which only it can put to Telegram. */
export type TelegramAnswer = AnsweredQuestion | RefusedQuestion;

interface AnyAnswer {
  readonly askId: string;
  readonly answeredAt: string;
  readonly expiresAt: string;
}

export interface AnsweredQuestion extends AnyAnswer {
  readonly kind: 'answered';
  /** As the type of the question says. */
  readonly result: object;
}

export interface RefusedQuestion extends AnyAnswer {
  readonly kind: 'refused';
  readonly code: string;
  /** For the operator: what is wrong, and what would be right. */
  readonly message: string;
}

/** Id: the askId. */
export const telegramAnswers: Collection<TelegramAnswer> = {
  name: 'telegram_answers',
  owner: 'link-worker',
  operatorWrites: false,
  keyedBy: 'askId',
  personalFields: {},
  onErasure: { keep: 'is about chats and bots, and gone within a day' },
  indexes: [],
  ttlField: 'expiresAt',
};
