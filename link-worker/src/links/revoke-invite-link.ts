import {
  asStored,
  documentOf,
  inviteRequestOf,
  inviteRequests,
} from '@paid-community/shared/model/links/invite-request.ts';
import type { InviteRequest, ReplacedLink } from '@paid-community/shared/model/links/request-states.ts';
import { revocationOf, revoked } from '@paid-community/shared/model/links/revoke-link.ts';
import {
  RevokeInviteLink,
  type RevokeInviteLinkTask,
} from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { NO_ATTEMPTS } from '@paid-community/shared/model/operations/attempts.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import { backoffMs } from '../calls/attempts.ts';
import type { CallOutcome } from '../calls/make-call.ts';
import type { LinkCallDeps } from './link-calls.ts';
import { makeRevocation } from './make-revocation.ts';

/** A purchase whose request is not there after so many looks has none. */
const LOOKS = 10;

/**
 * Nobody is to come in by the links of a purchase any more: revokes its link, by the bot that made it; a request that
 * has none yet gets none. Returns the task that follows; undefined when none does. It can be repeated: a link that was
 * revoked is as good.
 *
 * The race that remains: a link that is being made in this moment is not recorded any more, and reaches nobody.
 * @throws RetryableError when the store does not answer; ConflictError when the request was written meanwhile;
 * PermanentError when the last attempt has failed, or nobody serves the community
 */
export async function revokeInviteLink(
  task: RevokeInviteLinkTask,
  deps: LinkCallDeps,
): Promise<OutgoingTask | undefined> {
  const { store, clock, limits } = deps;
  const read = await store.get(inviteRequests, task.requestId);
  // A refund may be faster than its purchase.
  if (read === undefined)
    return task.attemptNumber < LOOKS
      ? nextAttempt(task, clock.now() + backoffMs(task.attemptNumber, limits))
      : undefined;
  const request = inviteRequestOf(read.data);
  const due = revocationOf(request, task.since);
  if (due.kind === 'nothing') return undefined;
  const outcome = due.link === undefined ? undefined : await revoke(task, due.request, due.link, deps);
  switch (outcome?.kind) {
    case 'put_back':
      return RevokeInviteLink.toQueueTask({ ...task, deferrals: task.deferrals + 1 }, outcome.notBefore);
    case 'retry_at':
      return nextAttempt(task, outcome.attempts.nextAt ?? clock.now());
    case 'given_up':
      throw outcome.error;
    case 'done':
    case undefined:
      break;
  }
  const changed = revoked(due.request, task.because, clock.now());
  const asRead = asStored({ ...read, data: request });
  await changeDocument(store, inviteRequests, asRead, () => documentOf(changed), { attempts: 1 });
  return undefined;
}

function revoke(
  { requestId, because, since, attemptNumber, deferrals }: RevokeInviteLinkTask,
  { communityId, telegramChatId }: Pick<InviteRequest, 'communityId' | 'telegramChatId'>,
  link: ReplacedLink,
  deps: LinkCallDeps,
): Promise<CallOutcome<void>> {
  const turn = { communityId, since: Date.parse(since), callClass: 'removal' } as const;
  const attempts = { ...NO_ATTEMPTS, made: attemptNumber - 1 };
  const fields = { requestId, communityId, because, deferrals };
  return makeRevocation({ ...link, telegramChatId }, { turn, attempts, fields }, deps);
}

function nextAttempt(task: RevokeInviteLinkTask, at: number): OutgoingTask {
  return RevokeInviteLink.toQueueTask({ ...task, attemptNumber: task.attemptNumber + 1, deferrals: 0 }, new Date(at));
}
