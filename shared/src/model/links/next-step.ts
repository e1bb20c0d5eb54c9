import { queuedAgain } from './attempts.ts';
import type { CreateInviteLinkTask } from './create-invite-link-task.ts';
import type {
  DoneRequest,
  FailedRequest,
  InviteRequest,
  OpenRequest,
  ProcessingRequest,
  ReplacedLink,
} from './request-states.ts';

/** What a task is to do. Where `request` differs from what was read, it is to be written with what comes of the step. */
export type NextStep =
  /** superseded: the request was queued anew after this task. */
  | { readonly kind: 'drop'; readonly because: 'superseded' | 'erased' | 'not_needed' }
  | { readonly kind: 'publish'; readonly request: DoneRequest }
  | { readonly kind: 'give_up'; readonly request: FailedRequest }
  /** This attempt was made and counted, but its task came again: the next one may not have been queued. */
  | { readonly kind: 'follow_up'; readonly request: OpenRequest }
  | { readonly kind: 'revoke'; readonly request: ProcessingRequest; readonly replaced: ReplacedLink }
  | { readonly kind: 'create'; readonly request: OpenRequest };

export function nextStep(
  task: Pick<CreateInviteLinkTask, 'attemptNumber' | 'retry'>,
  known: InviteRequest,
  nowMs: number,
): NextStep {
  const { attemptNumber, retry = 0 } = task;
  if (retry < known.retries) return { kind: 'drop', because: 'superseded' };
  if (known.status === 'ERASED') return { kind: 'drop', because: 'erased' };
  if (known.status === 'NOT_NEEDED') return { kind: 'drop', because: 'not_needed' };
  if (known.status === 'DONE') return { kind: 'publish', request: known };
  // Who queued it anew, in so far as the task says, is still writing, or died before.
  const request = retry === known.retries ? known : { ...queuedAgain(known, nowMs), retries: retry };
  if (request.status === 'FAILED') return { kind: 'give_up', request };
  if (attemptNumber <= request.attempts) return { kind: 'follow_up', request };
  return request.status === 'PROCESSING' && request.replaces !== undefined
    ? { kind: 'revoke', request, replaced: request.replaces }
    : { kind: 'create', request };
}
