import {
  replacedLink,
  withoutState,
  type DoneRequest,
  type FailedRequest,
  type OpenRequest,
  type ProcessingRequest,
  type QueuedRequest,
  type RequestError,
} from './request-states.ts';
import { ATTEMPT_MESSAGE_CHARACTERS, type Attempts } from '../operations/attempts.ts';
import { CreateInviteLink, type CreateInviteLinkTask } from './create-invite-link-task.ts';
import type { OutgoingTask } from '../../platform/ports/task-queue.ts';

// Transitions. Each takes the states in which it is allowed, so that no other compiles. None changes what it is given.

export interface MadeLink {
  readonly inviteLink: string;
  readonly telegramChatId: string;
  readonly botId: string;
  /** Undefined: never. */
  readonly expiresAt: Date | undefined;
  /** See DoneRequest. */
  readonly asksForApproval?: true | undefined;
}

/** The calls that were made for a request so far. */
export function attemptsOf(request: OpenRequest): Attempts {
  const { attempts: made, failures } = request;
  const nextAttemptAt = request.status === 'PROCESSING' ? request.nextAttemptAt : undefined;
  return { made, failures, nextAt: nextAttemptAt === undefined ? undefined : Date.parse(nextAttemptAt) };
}

/** An attempt failed and counts. The next one follows at `attempts.nextAt`, or at once. */
export function attemptFailed(request: OpenRequest, attempts: Attempts, nowMs: number): ProcessingRequest {
  return {
    ...withoutState(request),
    attempts: attempts.made,
    failures: attempts.failures,
    updatedAt: iso(nowMs),
    status: 'PROCESSING',
    nextAttemptAt: iso(attempts.nextAt ?? nowMs),
    lastError: lastErrorOf(attempts),
    replaces: replacedLink(request),
  };
}

/** An attempt failed and counts; no other one follows. */
export function lastAttemptFailed(request: OpenRequest, attempts: Attempts, nowMs: number): FailedRequest {
  return {
    ...withoutState(request),
    attempts: attempts.made,
    failures: attempts.failures,
    status: 'FAILED',
    updatedAt: iso(nowMs),
    failedAt: iso(nowMs),
    lastError: lastErrorOf(attempts),
    replaces: replacedLink(request),
  };
}

/** A queue, the bus or a handler gave the request up at that time, without an attempt that counts. */
export function givenUp(request: OpenRequest, error: RequestError, at: string): FailedRequest {
  return {
    ...withoutState(request),
    status: 'FAILED',
    updatedAt: at,
    failedAt: at,
    lastError: cut(error),
    replaces: replacedLink(request),
  };
}

/**
 * Nobody knows whether the first task is in the queue. It counts as overdue from now on: unless that task is done, the
 * request turns up among the stuck ones.
 */
export function overdue(request: QueuedRequest, error: RequestError, at: string): ProcessingRequest {
  return {
    ...withoutState(request),
    status: 'PROCESSING',
    updatedAt: at,
    nextAttemptAt: at,
    lastError: cut(error),
  };
}

/**
 * The request gets another task (`nextTaskOf`) at once, and all its attempts again if it was given up. It is PROCESSING
 * with its next attempt now: if the task is lost, the request turns up among the stuck ones. Who queues the task before
 * this is recorded loses nothing: see `nextStep`.
 */
export function queuedAgain(request: OpenRequest | FailedRequest, nowMs: number): ProcessingRequest {
  return {
    ...withoutState(request),
    status: 'PROCESSING',
    attempts: request.status === 'FAILED' ? 0 : request.attempts,
    retries: request.retries + 1,
    updatedAt: iso(nowMs),
    nextAttemptAt: iso(nowMs),
    lastError: request.status === 'QUEUED' ? undefined : request.lastError,
    replaces: replacedLink(request),
  };
}

/**
 * The link was made by an attempt that counts. Undefined when the request is to replace a link first: the one that was
 * made meanwhile must reach nobody.
 */
export function linkRecorded(
  request: OpenRequest | FailedRequest,
  link: MadeLink,
  nowMs: number,
): DoneRequest | undefined {
  if (replacedLink(request) !== undefined) return undefined;
  return {
    ...withoutState(request),
    status: 'DONE',
    attempts: request.attempts + 1,
    updatedAt: iso(nowMs),
    inviteLink: link.inviteLink,
    telegramChatId: link.telegramChatId,
    botId: link.botId,
    linkCreatedAt: iso(nowMs),
    linkExpiresAt: link.expiresAt?.toISOString(),
    asksForApproval: link.asksForApproval,
  };
}

/**
 * The task of the attempt that comes next. Its name says which one, so that queueing it twice queues it once.
 * `place`: in the line of its community; absent: it comes at once.
 */
export function nextTaskOf(
  { requestId, attempts, retries, traceparent }: OpenRequest,
  place?: { readonly line: CreateInviteLinkTask['line']; readonly notBefore: number },
): OutgoingTask {
  const task = {
    requestId,
    attemptNumber: attempts + 1,
    deferrals: 0,
    retry: retries === 0 ? undefined : retries,
    traceparent,
    line: place?.line,
  };
  return CreateInviteLink.toQueueTask(task, place === undefined ? undefined : new Date(place.notBefore));
}

function lastErrorOf({ failures }: Attempts): RequestError | undefined {
  const last = failures.at(-1);
  return last === undefined ? undefined : { code: last.code, message: last.message };
}

function cut({ code, message }: RequestError): RequestError {
  return { code, message: message.slice(0, ATTEMPT_MESSAGE_CHARACTERS).toWellFormed() };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
