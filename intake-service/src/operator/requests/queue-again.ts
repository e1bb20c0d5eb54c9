import { ConflictError } from '@paid-community/shared/platform/ports/errors.ts';
import { asStored, documentOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { FailedRequest, OpenRequest } from '@paid-community/shared/model/links/request-states.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { nextTaskOf, queuedAgain } from '@paid-community/shared/model/links/attempts.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import type { OperatorDeps } from '../http/operation.ts';

/**
 * Queues a request anew. The task comes first: a crash before it leaves everything as it was, to be found as before;
 * after it, link-worker brings the request on when it gets the task. Of several operators at the same moment one gets
 * 'created': the task's name is the same.
 * @throws RetryableError when it was not confirmed; it may be tried again.
 */
export async function queueAgain(
  read: Snapshot<OpenRequest | FailedRequest>,
  { clock, store, taskQueue }: Pick<OperatorDeps, 'clock' | 'store' | 'taskQueue'>,
): Promise<'created' | 'exists'> {
  const changed = queuedAgain(read.data, clock.now());
  const queued = await taskQueue.enqueue(inviteQueue, nextTaskOf(changed));
  try {
    await changeDocument(store, inviteRequests, asStored(read), () => documentOf(changed), { attempts: 1 });
  } catch (error) {
    // Somebody else has brought it on: link-worker with this task, or another operator with the same.
    if (!(error instanceof ConflictError)) throw error;
  }
  return queued;
}
