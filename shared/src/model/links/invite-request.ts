import type { Collection } from '../../platform/ports/topology-types.ts';

/**
 * One purchase on its way to a link. QUEUED → DONE when the first attempt succeeds;
 * PROCESSING = an attempt failed and the next one is scheduled; FAILED = no attempts left, dead-lettered. ERASED = what
 * is left of the request of somebody who asked for erasure: its fields are empty, and whatever is delivered for it
 * again does nothing. A purchase that is posted after that begins a new life of the request.
 */
export interface InviteRequest {
  readonly requestId: string;
  readonly userId: string;
  /** Empty when the purchase came without one. */
  readonly transactionId: string;
  readonly communityId: string;
  readonly status: 'QUEUED' | 'PROCESSING' | 'DONE' | 'FAILED' | 'ERASED';
  /** Calls to Telegram that were made and counted; a 429 is not counted. */
  readonly attempts: number;
  /** When intake accepted the purchase, ISO 8601 with milliseconds, UTC; so are the other times. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly traceparent: string;
  /** With DONE. */
  readonly inviteLink?: string | undefined;
  readonly telegramChatId?: string | undefined;
  readonly linkCreatedAt?: string | undefined;
  /** With DONE; absent = never. */
  readonly linkExpiresAt?: string | undefined;
  /** With PROCESSING and FAILED: why the last attempt failed. */
  readonly lastError?: { readonly code: string; readonly message: string } | undefined;
  /** With PROCESSING. */
  readonly nextAttemptAt?: string | undefined;
  /** With FAILED. */
  readonly failedAt?: string | undefined;
  /** Attempts that failed, newest last, at most ATTEMPT_HISTORY; written with the state that each of them led to. */
  readonly failures?: readonly FailedAttempt[] | undefined;
  /**
   * How often an operator queued the request anew; absent = never. A task of an earlier time has nothing to do any
   * more.
   */
  readonly retries?: number | undefined;
  /** Number of the link that the buyer gets; absent = the first. */
  readonly generation?: number | undefined;
  /** While a link is made in the place of another: the one to revoke first. */
  readonly replaces?: ReplacedLink | undefined;
  /** The last erasure of this request; absent = none, or a tombstone of an older version. */
  readonly erased?: Erasure | undefined;
  /** Links of earlier generations, oldest first. */
  readonly earlierLinks?: readonly (ReplacedLink & { readonly revokedAt: string })[] | undefined;
  /** See model/retention.ts. */
  readonly expiresAt?: string | undefined;
}

export interface ReplacedLink {
  readonly inviteLink: string;
  readonly createdAt: string;
  /** expired = before the buyer could be told of it; absent = an operator wanted another one. */
  readonly because?: 'expired';
}

/**
 * What tells the lives of a request apart: events of an earlier one say nothing any more, and those of the next one
 * have ids of their own.
 */
export interface Erasure {
  readonly at: string;
  /** How often the request was erased so far. */
  readonly times: number;
  /** Number of the last link that was erased. */
  readonly generation: number;
}

export function lastErasure({ erased, status, createdAt, generation = 1 }: InviteRequest): Erasure | undefined {
  return erased ?? (status === 'ERASED' ? { at: createdAt, times: 1, generation } : undefined);
}

/** By which the join of this life is told from those of erased ones: 1, unless the request was erased. */
export function joinGeneration(request: InviteRequest | undefined): number {
  const erasure = request === undefined ? undefined : lastErasure(request);
  if (erasure === undefined) return 1;
  return request?.status === 'ERASED' ? erasure.times : erasure.times + 1;
}

export interface FailedAttempt {
  readonly at: string;
  readonly code: string;
  readonly message: string;
}

export const ATTEMPT_HISTORY = 10;
/**
 * A failure's message is cut to so many characters, here and in `lastError`: what the other side says has no bound of
 * its own.
 */
export const ATTEMPT_MESSAGE_CHARACTERS = 300;

/** Id: the requestId. */
export const inviteRequests: Collection<InviteRequest> = {
  name: 'invite_requests',
  writtenBy: 'link-worker',
  indexes: [
    { where: ['userId'], orderBy: 'createdAt' },
    { where: ['transactionId'], orderBy: 'createdAt' },
    // Only requests that wait for another attempt, or have failed, have these two times: few at any moment.
    { where: ['status'], orderBy: 'nextAttemptAt', sparse: true },
    { where: ['status'], orderBy: 'failedAt', sparse: true },
  ],
  ttlField: 'expiresAt',
};
