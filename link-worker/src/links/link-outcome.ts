import type { DoneRequest } from '@paid-community/shared/model/links/request-states.ts';
import { linkCreated, LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import type { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { OutgoingTask, TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { Unmade } from '../calls/make-call.ts';

/** What a task has come to. It is recorded; what follows from it is still to be done. */
export type LinkOutcome =
  | { readonly kind: 'dropped' }
  /** The request has its link, by this task when `isNew`. */
  | { readonly kind: 'linked'; readonly request: DoneRequest; readonly isNew: boolean }
  | { readonly kind: 'queued'; readonly task: OutgoingTask; readonly failed?: FailedLinkCall | undefined }
  | { readonly kind: 'given_up'; readonly error: PermanentError; readonly failed?: FailedLinkCall };

/** A call that Telegram refused or did not answer. */
export interface FailedLinkCall {
  readonly call: 'create' | 'revoke';
  readonly because: Exclude<Unmade['because'], 'no_turn'>;
}

/**
 * Publishes the link, or queues the task that follows. It can be repeated.
 * @throws PermanentError when the request was given up; RetryableError when bus or queue did not confirm.
 */
export async function followUp(
  outcome: LinkOutcome,
  { eventBus, taskQueue }: { readonly eventBus: EventBus; readonly taskQueue: TaskQueue },
): Promise<void> {
  switch (outcome.kind) {
    case 'dropped':
      return;
    case 'linked':
      await LinkCreated.publish(eventBus, linkCreated(outcome.request));
      return;
    case 'queued':
      await taskQueue.enqueue(inviteQueue, outcome.task);
      return;
    case 'given_up':
      throw outcome.error;
  }
}
