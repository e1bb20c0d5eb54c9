import type { Collection } from '../topology-types.ts';

/** A message or task that nobody could process, with all that is needed to try it again. */
export interface DeadLetter {
  /** Subscription or queue that gave up. */
  readonly source: string;
  /** `cutFromCharacters` is the length of the data where only its beginning is kept. */
  readonly message: { readonly data: string; readonly attributes: Readonly<Record<string, string>>; readonly cutFromCharacters?: number };
  readonly firstAt: string;
  readonly lastAt: string;
  /** Newest last, at most DEAD_LETTER_HISTORY; a repeat of the same message id is not added again. */
  readonly history: readonly DeadLetterOccurrence[];
  /** See config/retention-settings.ts. */
  readonly expiresAt?: string | undefined;
}

export interface DeadLetterOccurrence {
  readonly messageId: string;
  readonly at: string;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
}

export const DEAD_LETTER_HISTORY = 20;

/** A document holds 1 MB, and JSON may need six bytes for a character. Our own messages have about a thousand. */
export const DEAD_LETTER_DATA_CHARACTERS = 150_000;

/** Id: a hash of source and event id, so that one fact that fails twice is one dead letter. */
export const deadLetters: Collection<DeadLetter> = {
  name: 'dead_letters',
  writtenBy: 'intake-service',
  indexes: [{ where: ['source'], orderBy: 'lastAt' }],
  ttlField: 'expiresAt',
};
