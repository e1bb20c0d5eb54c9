import { hash } from 'node:crypto';
import type { Collection } from '../../platform/ports/topology-types.ts';

/**
 * A message or task that nobody could process, with all that is needed to try it again. open = waits for an operator;
 * retrying = somebody is sending it again; retried = it was sent again and has not failed since; discarded = nobody
 * will send it again. In every state it is open again when the fact fails again.
 */
export type DeadLetter = OpenLetter | RetryingLetter | RetriedLetter | DiscardedLetter;

interface Letter {
  /** Subscription or queue that gave up. */
  readonly source: string;
  /** Of what it is about; absent where the message does not say. */
  readonly communityId?: string | undefined;
  readonly message: LetterMessage;
  /** Of the newest occurrence. */
  readonly code: string;
  /** How often an operator began to send it again. */
  readonly retries: number;
  readonly firstAt: string;
  readonly lastAt: string;
  /** Newest last, at most DEAD_LETTER_HISTORY; a repeat of the same message id is not added again. */
  readonly history: readonly DeadLetterOccurrence[];
  /** What operators did, newest last, at most DEAD_LETTER_HISTORY. */
  readonly actions: readonly DeadLetterAction[];
  /** See model/retention.ts. */
  readonly expiresAt?: string | undefined;
}

export interface LetterMessage {
  readonly data: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Length of the data where only its beginning is kept. */
  readonly cutFromCharacters?: number | undefined;
}

export interface OpenLetter extends Letter {
  readonly status: 'open';
  readonly claimedAt?: undefined;
}

export interface RetryingLetter extends Letter {
  readonly status: 'retrying';
  /** Since when. The process that sends it may have died: an old claim may be taken over. */
  readonly claimedAt: string;
}

export interface RetriedLetter extends Letter {
  readonly status: 'retried';
  readonly claimedAt?: undefined;
}

export interface DiscardedLetter extends Letter {
  readonly status: 'discarded';
  readonly claimedAt?: undefined;
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
  owner: 'intake-service',
  operatorWrites: 'operators retry and discard letters; erasure',
  otherWriters: {
    'link-worker': 'a purchase that is posted again settles the letter of its task, in one commit with it',
  },
  keyedBy: 'failedFact',
  personalFields: { message: 'words of others', history: 'words of others', actions: 'words of operators' },
  onErasure: 'delete',
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

/** What came to the dead letters. */
export interface Parked {
  readonly source: string;
  readonly communityId: string | undefined;
  readonly message: LetterMessage;
  readonly occurrence: DeadLetterOccurrence;
  readonly expiresAt: string;
}

export function parked({ source, communityId, message, occurrence, expiresAt }: Parked): OpenLetter {
  return {
    source,
    communityId,
    message,
    status: 'open',
    code: occurrence.code,
    retries: 0,
    firstAt: occurrence.at,
    lastAt: occurrence.at,
    history: [occurrence],
    actions: [],
    expiresAt,
  };
}

/** Undefined when this very message is in the history already: it was delivered again. */
export function occurredAgain(letter: DeadLetter, again: Parked): OpenLetter | undefined {
  const { occurrence } = again;
  if (letter.history.some(({ messageId }) => messageId === occurrence.messageId)) return undefined;
  return {
    ...parked(again),
    retries: letter.retries,
    firstAt: letter.firstAt,
    history: newest([...letter.history, occurrence]),
    actions: letter.actions,
  };
}

/** Somebody begins to send it again. */
export function claimed(letter: Exclude<DeadLetter, RetriedLetter>, by: string, at: string): RetryingLetter {
  return {
    ...letter,
    status: 'retrying',
    retries: letter.retries + 1,
    claimedAt: at,
    actions: newest([...letter.actions, { at, by, action: 'retried' }]),
  };
}

/** It was sent again. */
export function retried(letter: RetryingLetter): RetriedLetter {
  return { ...letter, status: 'retried', claimedAt: undefined };
}

/** It could not be sent again. */
export function reopened(letter: RetryingLetter): OpenLetter {
  return { ...letter, status: 'open', claimedAt: undefined };
}

export function discarded(letter: OpenLetter, by: string, at: string, reason: string): DiscardedLetter {
  return {
    ...letter,
    status: 'discarded',
    actions: newest([...letter.actions, { at, by, action: 'discarded', reason }]),
  };
}

function newest<T>(entries: readonly T[]): readonly T[] {
  return entries.slice(-DEAD_LETTER_HISTORY);
}
