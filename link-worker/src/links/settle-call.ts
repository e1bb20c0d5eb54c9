import { attemptFailed, lastAttemptFailed } from '@paid-community/shared/model/links/attempts.ts';
import {
  CreateInviteLink,
  type CreateInviteLinkTask,
} from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { asStored, documentOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { InviteRequest, OpenRequest } from '@paid-community/shared/model/links/request-states.ts';
import type { Attempts } from '@paid-community/shared/model/operations/attempts.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import { remainingWaitMs, type AttemptLimits } from '../calls/attempts.ts';
import type { Unmade } from '../calls/make-call.ts';
import type { FailedLinkCall, LinkOutcome } from './link-outcome.ts';

interface Deps {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly limits: AttemptLimits;
}

/**
 * Records what a call has come to that did not do what was asked. One that was put back leaves the request as it is.
 * @throws ConflictError when somebody else wrote the request since it was read.
 */
export async function settleCall(
  task: CreateInviteLinkTask,
  read: Snapshot<OpenRequest>,
  call: FailedLinkCall['call'],
  outcome: Unmade,
  deps: Deps,
): Promise<LinkOutcome> {
  const record = (request: InviteRequest): Promise<unknown> =>
    changeDocument(deps.store, inviteRequests, asStored(read), () => documentOf(request), { attempts: 1 });
  switch (outcome.kind) {
    case 'put_back': {
      const { because, notBefore, line } = outcome;
      return {
        kind: 'queued',
        task: sameAttempt({ ...task, line }, notBefore),
        failed: because === 'no_turn' ? undefined : { call, because },
      };
    }
    case 'retry_at':
      await record(attemptFailed(read.data, outcome.attempts, deps.clock.now()));
      return {
        kind: 'queued',
        task: nextAttempt(task, outcome.attempts, deps),
        failed: { call, because: outcome.because },
      };
    case 'given_up':
      await record(lastAttemptFailed(read.data, outcome.attempts, deps.clock.now()));
      return { kind: 'given_up', error: outcome.error, failed: { call, because: outcome.because } };
  }
}

/** The attempt that follows those that were made. */
export function nextAttempt(
  task: CreateInviteLinkTask,
  attempts: Attempts,
  { clock, limits }: Pick<Deps, 'clock' | 'limits'>,
): OutgoingTask {
  const waitMs = remainingWaitMs(attempts, clock.now(), limits);
  const next = { ...task, attemptNumber: attempts.made + 1, deferrals: 0, line: undefined };
  // Counted from now: the clock may have been set since the wait began.
  return CreateInviteLink.toQueueTask(next, waitMs === 0 ? undefined : new Date(clock.now() + waitMs));
}

/** The same attempt again later: a deferral. */
export function sameAttempt(
  task: Omit<CreateInviteLinkTask, 'line'> & { readonly line?: CreateInviteLinkTask['line'] | undefined },
  notBefore: Date,
): OutgoingTask {
  return CreateInviteLink.toQueueTask({ ...task, deferrals: task.deferrals + 1 }, notBefore);
}
