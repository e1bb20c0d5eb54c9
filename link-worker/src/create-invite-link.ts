import { PermanentError, ConflictError, errorCode, errorMessage } from '@paid-community/shared/delivery/errors.ts';
import { exponentialBackoffMs } from '@paid-community/shared/delivery/backoff.ts';
import { inviteLinkId } from '@paid-community/shared/documents/invite-links.ts';
import type { InviteRequest } from '@paid-community/shared/documents/invite-requests.ts';
import { LinkCreated } from '@paid-community/shared/events/link-created.ts';
import type { Logger } from '@paid-community/shared/log/logger.ts';
import type { Clock } from '@paid-community/shared/ports/clock.ts';
import type { Snapshot } from '@paid-community/shared/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/ports/event-bus.ts';
import type { TaskQueue } from '@paid-community/shared/ports/task-queue.ts';
import { toQueueTask, type CreateInviteLinkTask } from '@paid-community/shared/tasks/create-invite-link-task.ts';
import { inviteQueue } from '@paid-community/shared/topology.ts';
import type { CallPacer } from './call-pacer.ts';
import type { LinkWorkerConfig } from './config.ts';
import { isCompleted, type CompletedRequest, type InviteRequests } from './invite-requests.ts';
import type { InviteLinkClient } from './telegram/client.ts';
import { classifyCallFailure } from './telegram/errors.ts';

const MAX_BACKOFF_MS = 3_600_000;
const HOUR_MS = 3_600_000;

export interface CreateInviteLinkDeps {
  readonly requests: InviteRequests;
  readonly telegram: InviteLinkClient;
  readonly pacer: CallPacer;
  readonly taskQueue: TaskQueue;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: Pick<LinkWorkerConfig, 'LINK_TTL_HOURS' | 'MAX_ATTEMPTS' | 'BASE_BACKOFF_SEC'>;
}

/**
 * Makes the link of one request: one call to Telegram at most, then either the link is recorded and published, or a
 * follow-up task is queued. Follow-ups are tasks of their own, because a failing task slows the whole of Cloud Tasks.
 *
 * The race that remains: a crash after Telegram answered and before the commit leaves a link that nobody is told of. It
 * carries the request's name in Telegram's list of links.
 *
 * @throws PermanentError when the task can never succeed; RetryableError when the store, queue or bus did not answer.
 */
export async function createInviteLink(task: CreateInviteLinkTask, deps: CreateInviteLinkDeps): Promise<void> {
  const read = await deps.requests.get(task.requestId);
  if (read === undefined) throw new PermanentError('unknown_request', 'There is no request for this task');
  const request = read.data;
  if (isCompleted(request)) return publishLinkCreated(request, deps);
  if (request.status === 'FAILED') throw attemptsExhausted(request);
  if (task.attemptNumber <= request.attempts) {
    // This attempt was made and counted, but its task came again: make sure of the follow-up.
    return enqueueAttempt(task, request.attempts + 1, request.nextAttemptAt, deps);
  }
  const turn = await deps.pacer.turn();
  if (!turn.granted) return putBack(task, turn.notBefore, deps);

  const startedAt = deps.clock.now();
  const logFields = { requestId: task.requestId, attempt: request.attempts + 1, deferrals: task.deferrals };
  let inviteLink: string;
  try {
    inviteLink = await deps.telegram.createInviteLink({ name: linkName(task.requestId), expiresAt: expiry(startedAt, deps) });
  } catch (error) {
    const failure = classifyCallFailure(error);
    const durationMs = deps.clock.now() - startedAt;
    if (failure.kind === 'stop') {
      deps.log.warn({ ...logFields, durationMs, outcome: 'told_to_wait', retryAfterSeconds: failure.retryAfterSeconds }, 'link call');
      return putBack(task, await deps.pacer.pause(failure.retryAfterSeconds * 1_000), deps);
    }
    const hint = failure.kind === 'needs_administrator' ? { hint: failure.hint } : {};
    deps.log[failure.kind === 'needs_administrator' ? 'error' : 'warn']({ ...logFields, durationMs, outcome: failure.kind, ...hint, error }, 'link call');
    return recordFailure(task, read, error, deps);
  }
  const durationMs = deps.clock.now() - startedAt;
  deps.log.info({ ...logFields, durationMs, outcome: 'created', inviteLinkHash: inviteLinkId(inviteLink) }, 'link call');
  const completed = await recordLink(read, inviteLink, deps);
  await publishLinkCreated(completed, deps);
}

/** Telegram cuts names at 32 characters silently; a UUID without dashes has exactly 32. */
function linkName(requestId: string): string {
  return requestId.replaceAll('-', '');
}

function expiry(now: number, { config }: CreateInviteLinkDeps): Date | undefined {
  return config.LINK_TTL_HOURS === 0 ? undefined : new Date(now + config.LINK_TTL_HOURS * HOUR_MS);
}

/** Returns the request as it stands: with this link, or with the one that somebody else recorded first. */
async function recordLink(read: Snapshot<InviteRequest>, inviteLink: string, deps: CreateInviteLinkDeps): Promise<CompletedRequest> {
  const now = new Date(deps.clock.now()).toISOString();
  const request = read.data;
  const completed: CompletedRequest = {
    ...request,
    lastError: undefined,
    nextAttemptAt: undefined,
    status: 'DONE',
    attempts: request.attempts + 1,
    updatedAt: now,
    inviteLink,
    telegramChatId: deps.telegram.chatId,
    linkCreatedAt: now,
  };
  try {
    await deps.requests.complete(read, completed);
    return completed;
  } catch (error) {
    if (!(error instanceof ConflictError)) {
      deps.log.warn({ requestId: request.requestId, inviteLinkHash: inviteLinkId(inviteLink), error }, 'orphan link: made, but perhaps not recorded');
      throw error;
    }
    const current = await deps.requests.get(request.requestId);
    if (current === undefined) throw new PermanentError('unknown_request', 'The request was deleted while its link was made', { cause: error });
    if (!isCompleted(current.data)) return recordLink(current, inviteLink, deps);
    if (current.data.inviteLink !== inviteLink) {
      deps.log.warn({ requestId: request.requestId, inviteLinkHash: inviteLinkId(inviteLink) }, 'orphan link: another attempt was first');
    }
    return current.data;
  }
}

async function publishLinkCreated(request: CompletedRequest, deps: CreateInviteLinkDeps): Promise<void> {
  const { requestId, userId, transactionId, inviteLink, linkCreatedAt, traceparent } = request;
  const event = LinkCreated.create({
    requestId,
    time: linkCreatedAt,
    traceparent,
    data: { requestId, userId, transactionId, inviteLink },
  });
  await LinkCreated.publish(deps.eventBus, event);
}

async function recordFailure(task: CreateInviteLinkTask, read: Snapshot<InviteRequest>, cause: unknown, deps: CreateInviteLinkDeps): Promise<void> {
  const { config, clock } = deps;
  const attempts = read.data.attempts + 1;
  const now = clock.now();
  const lastError = { code: errorCode(cause), message: errorMessage(cause) };
  const failed = { ...read.data, attempts, updatedAt: new Date(now).toISOString(), lastError };
  if (attempts >= config.MAX_ATTEMPTS) {
    const request: InviteRequest = { ...failed, status: 'FAILED', nextAttemptAt: undefined };
    await deps.requests.update(read, request);
    throw attemptsExhausted(request);
  }
  const nextAttemptAt = new Date(now + exponentialBackoffMs(attempts, config.BASE_BACKOFF_SEC * 1_000, MAX_BACKOFF_MS)).toISOString();
  await deps.requests.update(read, { ...failed, status: 'PROCESSING', nextAttemptAt });
  await enqueueAttempt(task, attempts + 1, nextAttemptAt, deps);
}

function attemptsExhausted(request: InviteRequest): PermanentError {
  return new PermanentError('attempts_exhausted', `${request.attempts} attempts failed, the last with: ${request.lastError?.message ?? 'unknown'}`);
}

async function enqueueAttempt(task: CreateInviteLinkTask, attemptNumber: number, notBefore: string | undefined, deps: CreateInviteLinkDeps): Promise<void> {
  const next: CreateInviteLinkTask = { ...task, attemptNumber, deferrals: 0 };
  await deps.taskQueue.enqueue(inviteQueue, toQueueTask(next, notBefore === undefined ? undefined : new Date(notBefore)));
}

/** The same attempt again later: no call was made that counts. */
async function putBack(task: CreateInviteLinkTask, notBefore: Date, deps: CreateInviteLinkDeps): Promise<void> {
  await deps.taskQueue.enqueue(inviteQueue, toQueueTask({ ...task, deferrals: task.deferrals + 1 }, notBefore));
}
