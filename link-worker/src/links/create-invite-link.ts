import { ConflictError, PermanentError } from '@paid-community/shared/platform/delivery/errors.ts';
import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import type { InviteRequest } from '@paid-community/shared/model/links/invite-request.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { broughtOnBy } from '@paid-community/shared/model/links/queue-anew.ts';
import type { CreateInviteLinkTask } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import {
  afterFailedCall,
  attemptsExhausted,
  enqueueFollowUp,
  logFieldsOf,
  putBack,
} from '../calls/after-failed-call.ts';
import type { CallPacer } from '../bots/call-pacer.ts';
import type { LinkWorkerConfig } from '../config.ts';
import { isCompleted, type CompletedRequest, type InviteRequests } from './invite-requests.ts';
import { revokeReplaced } from './revoke-replaced-link.ts';
import type { InviteLinkClient } from './invite-link-client.ts';

const HOUR_MS = 3_600_000;

/** Whoever writes the request meanwhile writes it once or twice; more is no race. */
const MAX_CONFLICTS = 5;

interface MadeLink {
  readonly inviteLink: string;
  /** Undefined: never. */
  readonly expiresAt: Date | undefined;
}

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
  const known = await deps.requests.get(task.requestId);
  if (known === undefined) throw new PermanentError('unknown_request', 'There is no request for this task');
  if ((task.retry ?? 0) < (known.data.retries ?? 0)) {
    deps.log.debug({ requestId: task.requestId, retry: task.retry ?? 0, outcome: 'superseded' }, 'task');
    return;
  }
  if (known.data.status === 'ERASED') return;
  if (isCompleted(known.data)) return publishLinkCreated(known.data, deps);
  const request = broughtOnBy(task, known.data, deps.clock.now());
  const read = { ...known, data: request };
  if (request.status === 'FAILED') throw attemptsExhausted(request);
  if (task.attemptNumber <= request.attempts) {
    // This attempt was made and counted, but its task came again: make sure of the follow-up.
    return enqueueFollowUp(task, request, deps);
  }
  const turn = await deps.pacer.turn();
  if (!turn.granted) return putBack(task, turn.notBefore, deps);
  if (request.replaces !== undefined) return revokeReplaced(task, read, request.replaces, deps);

  const startedAtMs = deps.clock.monotonicMs();
  const expiresAt = expiry(deps.clock.now(), deps);
  let inviteLink: string;
  try {
    inviteLink = await deps.telegram.createInviteLink({ name: linkName(task.requestId), expiresAt });
  } catch (error) {
    return afterFailedCall(task, read, { startedAtMs, call: 'create', error }, deps);
  }
  deps.pacer.accepted(startedAtMs);
  const durationMs = Math.round(deps.clock.monotonicMs() - startedAtMs);
  deps.log.info(
    { ...logFieldsOf(task, request), durationMs, outcome: 'created', inviteLinkHash: inviteLinkId(inviteLink) },
    'link call',
  );
  const completed = await recordLink(read, { inviteLink, expiresAt }, deps);
  await publishLinkCreated(completed, deps);
}

/** Telegram cuts names at 32 characters silently; a UUID without dashes has exactly 32. */
function linkName(requestId: string): string {
  return requestId.replaceAll('-', '');
}

/** In whole seconds, as Telegram counts. */
function expiry(now: number, { config }: CreateInviteLinkDeps): Date | undefined {
  return config.LINK_TTL_HOURS === 0
    ? undefined
    : new Date(Math.floor((now + config.LINK_TTL_HOURS * HOUR_MS) / 1_000) * 1_000);
}

/** Returns the request as it stands: with this link, or with the one that somebody else recorded first. */
async function recordLink(
  read: Snapshot<InviteRequest>,
  link: MadeLink,
  deps: CreateInviteLinkDeps,
): Promise<CompletedRequest> {
  const { inviteLink } = link;
  const orphan = { requestId: read.data.requestId, inviteLinkHash: inviteLinkId(inviteLink) };
  let request = read;
  for (let conflicts = 0; ; conflicts += 1) {
    const completed = completedBy(link, request.data, deps);
    try {
      await deps.requests.complete(request, completed);
      return completed;
    } catch (error) {
      if (!(error instanceof ConflictError)) {
        deps.log.warn({ ...orphan, error }, 'orphan link: made, but perhaps not recorded');
        throw error;
      }
      const current = await deps.requests.get(request.data.requestId);
      if (current === undefined)
        throw new PermanentError('unknown_request', 'The request was deleted while its link was made', {
          cause: error,
        });
      if (current.data.status === 'ERASED') {
        deps.log.warn(orphan, 'orphan link: its request was erased meanwhile');
        throw new PermanentError('request_erased', 'The request was erased while its link was made', { cause: error });
      }
      if (isCompleted(current.data)) {
        if (current.data.inviteLink !== inviteLink) deps.log.warn(orphan, 'orphan link: another attempt was first');
        return current.data;
      }
      if (await deps.requests.knowsLink(inviteLink)) {
        throw new PermanentError(
          'link_given_twice',
          'Telegram answered with a link that a purchase has already: its server, or something in between, repeats its answers',
          { cause: error },
        );
      }
      if (current.data.replaces !== undefined || conflicts >= MAX_CONFLICTS) {
        deps.log.warn(orphan, 'orphan link: its request was changed meanwhile');
        throw error;
      }
      request = current;
    }
  }
}

function completedBy(
  { inviteLink, expiresAt }: MadeLink,
  request: InviteRequest,
  deps: CreateInviteLinkDeps,
): CompletedRequest {
  const now = new Date(deps.clock.now()).toISOString();
  return {
    ...request,
    lastError: undefined,
    nextAttemptAt: undefined,
    status: 'DONE',
    attempts: request.attempts + 1,
    updatedAt: now,
    inviteLink,
    telegramChatId: deps.telegram.chatId,
    linkCreatedAt: now,
    linkExpiresAt: expiresAt?.toISOString(),
  };
}

async function publishLinkCreated(request: CompletedRequest, deps: CreateInviteLinkDeps): Promise<void> {
  const {
    requestId,
    userId,
    transactionId,
    inviteLink,
    linkCreatedAt,
    linkExpiresAt,
    traceparent,
    generation,
    telegramChatId,
    communityId,
    createdAt,
    attempts,
  } = request;
  const event = LinkCreated.create({
    requestId,
    generation,
    time: linkCreatedAt,
    traceparent,
    data: {
      ...{ requestId, userId, transactionId, inviteLink, communityId, createdAt, attempts },
      ...(telegramChatId === undefined ? {} : { telegramChatId }),
      ...(linkExpiresAt === undefined ? {} : { linkExpiresAt }),
      ...(generation === undefined ? {} : { generation }),
    },
  });
  await LinkCreated.publish(deps.eventBus, event);
}
