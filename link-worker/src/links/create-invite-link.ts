import { PermanentError } from '@paid-community/shared/platform/delivery/errors.ts';
import type { CreateInviteLinkTask } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { DoneRequest, OpenRequest } from '@paid-community/shared/model/links/request-states.ts';
import { linkCreated, LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { nextStep } from '@paid-community/shared/model/links/next-step.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { toLinkName } from '@paid-community/shared/model/purchases/request-id.ts';
import {
  afterFailedCall,
  attemptsExhausted,
  enqueueFollowUp,
  logFieldsOf,
  putBack,
} from '../calls/after-failed-call.ts';
import type { CallPacer } from '../bots/call-pacer.ts';
import type { LinkWorkerConfig } from '../config.ts';
import type { InviteLinkClient, NewLink } from './invite-link-client.ts';
import { recordLink } from './record-link.ts';
import { revokeReplaced } from './revoke-replaced-link.ts';

const HOUR_MS = 3_600_000;

export interface CreateInviteLinkDeps {
  readonly store: DocumentStore;
  readonly telegram: InviteLinkClient;
  readonly pacer: CallPacer;
  readonly taskQueue: TaskQueue;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: Pick<LinkWorkerConfig, 'LINK_TTL_HOURS' | 'MAX_ATTEMPTS' | 'BASE_BACKOFF_SEC'>;
  /** Hears of each link once, when it is recorded. */
  readonly onCreated: (request: DoneRequest) => void;
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
  const known = await deps.store.get(inviteRequests, task.requestId);
  if (known === undefined) throw new PermanentError('unknown_request', 'There is no request for this task');
  const step = nextStep(task, inviteRequestOf(known.data), deps.clock.now());
  switch (step.kind) {
    case 'drop':
      deps.log.debug({ requestId: task.requestId, retry: task.retry ?? 0, outcome: step.because }, 'task');
      return;
    case 'publish':
      return publishLinkCreated(step.request, deps);
    case 'give_up':
      throw attemptsExhausted(step.request);
    case 'follow_up':
      return enqueueFollowUp(task, step.request, deps);
    case 'revoke':
    case 'create':
  }
  const turn = await deps.pacer.turn();
  if (!turn.granted) return putBack(task, turn.notBefore, deps);
  if (step.kind === 'revoke') return revokeReplaced(task, { ...known, data: step.request }, step.replaced, deps);
  return makeLink(task, { ...known, data: step.request }, deps);
}

async function makeLink(
  task: CreateInviteLinkTask,
  read: Snapshot<OpenRequest>,
  deps: CreateInviteLinkDeps,
): Promise<void> {
  const startedAtMs = deps.clock.monotonicMs();
  const expiresAt = expiry(deps.clock.now(), deps);
  let made: NewLink;
  try {
    made = await deps.telegram.createInviteLink({ name: toLinkName(task.requestId), expiresAt });
  } catch (error) {
    return afterFailedCall(task, read, { startedAtMs, call: 'create', error }, deps);
  }
  deps.pacer.accepted(startedAtMs);
  const { inviteLink, chatId: telegramChatId } = made;
  const durationMs = Math.round(deps.clock.monotonicMs() - startedAtMs);
  deps.log.info(
    { ...logFieldsOf(task, read.data), durationMs, outcome: 'created', inviteLinkHash: inviteLinkId(inviteLink) },
    'link call',
  );
  await publishLinkCreated(await recordLink(read, { inviteLink, telegramChatId, expiresAt }, deps), deps);
}

/** In whole seconds, as Telegram counts. */
function expiry(now: number, { config }: CreateInviteLinkDeps): Date | undefined {
  return config.LINK_TTL_HOURS === 0
    ? undefined
    : new Date(Math.floor((now + config.LINK_TTL_HOURS * HOUR_MS) / 1_000) * 1_000);
}

async function publishLinkCreated(request: DoneRequest, { eventBus }: CreateInviteLinkDeps): Promise<void> {
  await LinkCreated.publish(eventBus, linkCreated(request));
}
