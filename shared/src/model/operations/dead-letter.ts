import { hash } from 'node:crypto';
import type { Collection } from '../../platform/ports/topology-types.ts';

/** A message or task that nobody could process, with all that is needed to try it again. */
export interface DeadLetter {
  /** Subscription or queue that gave up. */
  readonly source: string;
  /** `cutFromCharacters` is the length of the data where only its beginning is kept. */
  readonly message: {
    readonly data: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly cutFromCharacters?: number;
  };
  /**
   * open = waits for an operator; retrying = somebody is sending it again; retried = it was sent again and has not
   * failed since; discarded = nobody will. Whatever it was, it is open again when the fact fails again.
   */
  readonly status: 'open' | 'retrying' | 'retried' | 'discarded';
  /** Of the newest occurrence. */
  readonly code: string;
  /** How often an operator began to send it again. */
  readonly retries: number;
  /** With retrying: since when. Whoever took it may have died; a claim that is old may be taken over. */
  readonly claimedAt?: string | undefined;
  readonly firstAt: string;
  readonly lastAt: string;
  /** Newest last, at most DEAD_LETTER_HISTORY; a repeat of the same message id is not added again. */
  readonly history: readonly DeadLetterOccurrence[];
  /** What operators did, newest last, at most DEAD_LETTER_HISTORY. */
  readonly actions: readonly DeadLetterAction[];
  /** See model/retention.ts. */
  readonly expiresAt?: string | undefined;
}

export interface DeadLetterAction {
  readonly at: string;
  /** Name of the operator's key. */
  readonly by: string;
  readonly action: 'retried' | 'discarded';
  /** With discarded. */
  readonly reason?: string | undefined;
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

/** Id: `deadLetterId(source, fact)`. */
export const deadLetters: Collection<DeadLetter> = {
  name: 'dead_letters',
  writtenBy: 'intake-service',
  // Letters are few, also after a bad day: an index for each way to filter them costs next to nothing.
  indexes: [
    { where: ['status'], orderBy: 'lastAt' },
    { where: ['status', 'source'], orderBy: 'lastAt' },
    { where: ['status', 'code'], orderBy: 'lastAt' },
    { where: ['status', 'source', 'code'], orderBy: 'lastAt' },
  ],
  ttlField: 'expiresAt',
};

/**
 * One fact that fails twice at the same place is one dead letter. The fact is the id of the event; for a task it is the
 * requestId, because every attempt is a task with a name of its own.
 */
export function deadLetterId(source: string, fact: string): string {
  return hash('sha256', JSON.stringify([source, fact]));
}
