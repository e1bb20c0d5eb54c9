import { exponentialBackoffMs } from '@paid-community/shared/platform/delivery/backoff.ts';
import { PermanentError, errorCode, errorWithCauses } from '@paid-community/shared/platform/delivery/errors.ts';
import { attemptFailed, lastAttemptFailed } from '@paid-community/shared/model/links/attempts.ts';
import { documentOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import {
  ATTEMPT_MESSAGE_CHARACTERS,
  type FailedAttempt,
  type FailedRequest,
  type OpenRequest,
} from '@paid-community/shared/model/links/request-states.ts';
import { updateDocument, type Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import {
  CreateInviteLink,
  type CreateInviteLinkTask,
} from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import type { CreateInviteLinkDeps } from '../links/create-invite-link.ts';
import { classifyCallFailure } from './classify-failure.ts';

const MAX_BACKOFF_MS = 3_600_000;

const METHODS = { create: 'createChatInviteLink', revoke: 'revokeChatInviteLink' } as const;

export interface FailedCall {
  /** Of the clock's monotonic time. */
  readonly startedAtMs: number;
  readonly call: keyof typeof METHODS;
  readonly error: unknown;
}

/**
 * Puts the task back when Telegram ordered a pause; else counts the attempt and queues the next one.
 * @throws PermanentError when there is no next one.
 */
export async function afterFailedCall(
  task: CreateInviteLinkTask,
  read: Snapshot<OpenRequest>,
  { startedAtMs, call, error }: FailedCall,
  deps: CreateInviteLinkDeps,
): Promise<void> {
  const failure = classifyCallFailure(error, METHODS[call]);
  const logFields = {
    ...logFieldsOf(task, read.data),
    ...(call === 'revoke' ? { call } : {}),
    durationMs: Math.round(deps.clock.monotonicMs() - startedAtMs),
  };
  if (failure.kind === 'told_to_wait') {
    const retryAfterSeconds = failure.pauseMs / 1_000;
    deps.log.warn({ ...logFields, outcome: 'told_to_wait', retryAfterSeconds }, 'link call');
    return putBack(task, await deps.pacer.refused(startedAtMs, failure.pauseMs), deps);
  }
  const hint = { hint: failure.advice };
  deps.log[failure.kind === 'transient' ? 'warn' : 'error'](
    { ...logFields, outcome: failure.kind, ...hint, error },
    'link call',
  );
  return recordFailure(task, read, { cause: error, isLast: failure.kind === 'refused' }, deps);
}

export function logFieldsOf(task: CreateInviteLinkTask, request: OpenRequest): object {
  return {
    requestId: task.requestId,
    attempt: request.attempts + 1,
    deferrals: task.deferrals,
    ...(task.retry === undefined ? {} : { retry: task.retry }),
  };
}

async function recordFailure(
  task: CreateInviteLinkTask,
  read: Snapshot<OpenRequest>,
  { cause, isLast }: { readonly cause: unknown; readonly isLast: boolean },
  deps: CreateInviteLinkDeps,
): Promise<void> {
  const { config, clock } = deps;
  const attempts = read.data.attempts + 1;
  const now = clock.now();
  const failure: FailedAttempt = {
    at: new Date(now).toISOString(),
    code: errorCode(cause),
    message: errorWithCauses(cause, ATTEMPT_MESSAGE_CHARACTERS),
  };
  if (isLast || attempts >= config.MAX_ATTEMPTS) {
    const failed = lastAttemptFailed(read.data, failure);
    await deps.store.commit([updateDocument(inviteRequests, read, documentOf(failed))]);
    throw attemptsExhausted(failed);
  }
  const backoffMs = backoffAfter(attempts, deps);
  const changed = attemptFailed(read.data, failure, now + backoffMs);
  await deps.store.commit([updateDocument(inviteRequests, read, documentOf(changed))]);
  await enqueueAttempt(task, { attempts, waitMs: backoffMs }, deps);
}

export function attemptsExhausted(request: FailedRequest): PermanentError {
  return new PermanentError(
    'attempts_exhausted',
    `${request.attempts} attempts failed, the last with: ${request.lastError?.message ?? 'unknown'}`,
  );
}

function backoffAfter(attempts: number, { config }: CreateInviteLinkDeps): number {
  return exponentialBackoffMs(attempts, config.BASE_BACKOFF_SEC * 1_000, MAX_BACKOFF_MS);
}

/**
 * The attempt that follows those of `request`, at the time that is recorded there, as far as a backoff can be ahead.
 */
export async function enqueueFollowUp(
  task: CreateInviteLinkTask,
  request: OpenRequest,
  deps: CreateInviteLinkDeps,
): Promise<void> {
  const { attempts } = request;
  const nextAttemptAt = request.status === 'PROCESSING' ? request.nextAttemptAt : undefined;
  const remainingMs = nextAttemptAt === undefined ? 0 : Date.parse(nextAttemptAt) - deps.clock.now();
  await enqueueAttempt(
    task,
    { attempts, waitMs: Math.min(Math.max(0, remainingMs), backoffAfter(Math.max(1, attempts), deps)) },
    deps,
  );
}

async function enqueueAttempt(
  task: CreateInviteLinkTask,
  { attempts, waitMs }: { readonly attempts: number; readonly waitMs: number },
  deps: CreateInviteLinkDeps,
): Promise<void> {
  const next: CreateInviteLinkTask = { ...task, attemptNumber: attempts + 1, deferrals: 0 };
  // Counted from now: the clock may have been set since the wait began.
  await deps.taskQueue.enqueue(
    inviteQueue,
    CreateInviteLink.toQueueTask(next, waitMs === 0 ? undefined : new Date(deps.clock.now() + waitMs)),
  );
}

/** The same attempt again later: no call was made that counts. */
export async function putBack(task: CreateInviteLinkTask, notBefore: Date, deps: CreateInviteLinkDeps): Promise<void> {
  await deps.taskQueue.enqueue(
    inviteQueue,
    CreateInviteLink.toQueueTask({ ...task, deferrals: task.deferrals + 1 }, notBefore),
  );
}
