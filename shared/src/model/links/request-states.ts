import type { FailedAttempt } from '../operations/attempts.ts';

/**
 * One purchase on its way to a link, by the state that it is in. Only the transitions of this folder make another one
 * of it. Times are ISO 8601 with milliseconds, UTC.
 */
export type InviteRequest =
  QueuedRequest | ProcessingRequest | FailedRequest | DoneRequest | NotNeededRequest | ErasedRequest;

/** A request that still is to get its link. */
export type OpenRequest = QueuedRequest | ProcessingRequest;

/** What a request has in every state. */
export interface AnyRequest {
  readonly requestId: string;
  readonly userId: string;
  /** Empty when the purchase came without one. */
  readonly transactionId: string;
  readonly communityId: string;
  /** The membership that the purchase belongs to; absent: it makes none. */
  readonly membershipId?: string | undefined;
  /** The buyer's account, where it came with the purchase. */
  readonly telegramUserId?: string | undefined;
  /** A test journey: no part of any count. */
  readonly test?: true | undefined;
  /** Calls to Telegram that were made and counted; a 429 is not counted. All are given anew when `retries` rises. */
  readonly attempts: number;
  /** When intake accepted the purchase. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly traceparent: string;
  /** How often the request was queued anew. A task of an earlier time has nothing to do any more. */
  readonly retries: number;
  /** Number of the link that the buyer gets; the first is 1. */
  readonly generation: number;
  /** Attempts that failed, newest last, at most ATTEMPT_HISTORY; written with the state that each of them led to. */
  readonly failures: readonly FailedAttempt[];
  /** Links of earlier generations, oldest first. */
  readonly earlierLinks: readonly RevokedLink[];
  /** Chat of the last link that was made. */
  readonly telegramChatId?: string | undefined;
  /** Id of the link of the pool that it took, in this life. */
  readonly poolLinkId?: string | undefined;
  /** The bot that made the last link; absent where an older version made it, by the default bot. */
  readonly botId?: string | undefined;
  /** The last erasure of this request, which began a new life of it. */
  readonly erased?: Erasure | undefined;
  /** See model/retention.ts. */
  readonly expiresAt?: string | undefined;
}

/** No attempt was made yet. */
export interface QueuedRequest extends AnyRequest {
  readonly status: 'QUEUED';
}

/** The next attempt is scheduled: one failed, or the request was queued anew. */
export interface ProcessingRequest extends AnyRequest {
  readonly status: 'PROCESSING';
  readonly nextAttemptAt?: string | undefined;
  /** Why the last attempt failed. */
  readonly lastError?: RequestError | undefined;
  /** While a link is made in the place of another: the one to revoke first. */
  readonly replaces?: ReplacedLink | undefined;
}

/** No attempts are left; its task or its event is with the dead letters. */
export interface FailedRequest extends AnyRequest {
  readonly status: 'FAILED';
  readonly failedAt?: string | undefined;
  readonly lastError?: RequestError | undefined;
  readonly replaces?: ReplacedLink | undefined;
}

export interface DoneRequest extends AnyRequest {
  readonly status: 'DONE';
  readonly inviteLink: string;
  readonly linkCreatedAt: string;
  /** Undefined: never. */
  readonly linkExpiresAt?: string | undefined;
  /** Whoever comes by it is let in by approval only, and any number may ask. */
  readonly asksForApproval?: true | undefined;
  /** Nobody comes in by the link any more, and why. */
  readonly linkRevokedAt?: string | undefined;
  readonly linkRevokedBecause?: string | undefined;
}

/** No link is made: the buyer is inside already, or the purchase counts no more. */
export interface NotNeededRequest extends AnyRequest {
  readonly status: 'NOT_NEEDED';
  /** inside; or why nobody is to come in by it: expired, refunded … */
  readonly notNeededBecause: string;
}

/**
 * The tombstone that an erasure leaves. Its fields about the person are empty, and what is delivered for it again does
 * nothing. A purchase that is posted after the erasure begins a new life of the request.
 */
export interface ErasedRequest extends AnyRequest {
  readonly status: 'ERASED';
  readonly erased: Erasure;
}

export interface RequestError {
  readonly code: string;
  /** At most ATTEMPT_MESSAGE_CHARACTERS: what the other side says has no bound of its own. */
  readonly message: string;
}

export interface ReplacedLink {
  readonly inviteLink: string;
  /** See AnyRequest. Only this bot can revoke it. */
  readonly botId?: string | undefined;
  readonly createdAt: string;
  /** expired = before the buyer could be told of it; absent = an operator wanted another one. */
  readonly because?: 'expired' | undefined;
}

export interface RevokedLink extends ReplacedLink {
  readonly revokedAt: string;
}

/**
 * What tells the lives of a request apart. Events of an earlier life say nothing any more, and those of the next one
 * have ids of their own.
 */
export interface Erasure {
  readonly at: string;
  /** How often the request was erased so far. */
  readonly times: number;
  /** Number of the last link that was erased. */
  readonly generation: number;
}

export function isOpen(request: InviteRequest): request is OpenRequest {
  return request.status === 'QUEUED' || request.status === 'PROCESSING';
}

/** The link that is to be revoked before another one is made. */
export function replacedLink(request: InviteRequest): ReplacedLink | undefined {
  return request.status === 'PROCESSING' || request.status === 'FAILED' ? request.replaces : undefined;
}

/** The generation of this life's join; those of erased lives have lower ones. 1, unless the request was erased. */
export function joinGeneration(request: InviteRequest | undefined): number {
  if (request?.erased === undefined) return 1;
  return request.status === 'ERASED' ? request.erased.times : request.erased.times + 1;
}

type FieldsOf<State> = State extends unknown ? keyof State : never;

/** Fields that belong to a state. In one place, so that no transition clears those of the state before by memory. */
const NO_STATE: Readonly<Record<Exclude<FieldsOf<InviteRequest>, keyof AnyRequest | 'status'>, undefined>> = {
  nextAttemptAt: undefined,
  failedAt: undefined,
  lastError: undefined,
  replaces: undefined,
  inviteLink: undefined,
  linkCreatedAt: undefined,
  linkExpiresAt: undefined,
  asksForApproval: undefined,
  linkRevokedAt: undefined,
  linkRevokedBecause: undefined,
  notNeededBecause: undefined,
};

/** A request without its state: what the next state begins with. */
export function withoutState(request: InviteRequest): AnyRequest {
  return { ...request, ...NO_STATE };
}
