import { ConflictError } from '@paid-community/shared/delivery/errors.ts';
import { deadLetterId, deadLetters } from '@paid-community/shared/documents/dead-letters.ts';
import { inviteRequests, type InviteRequest } from '@paid-community/shared/documents/invite-requests.ts';
import { updateDocument } from '@paid-community/shared/ports/document-store.ts';
import { queuedAnew } from '@paid-community/shared/tasks/queue-anew.ts';
import { inviteQueue } from '@paid-community/shared/topology.ts';
import { done, skipped, type Outcome } from './many.ts';
import type { OperatorCall } from './operation.ts';
import { retryLetter } from './retry-letter.ts';

/** Why nothing is to be done about a request as it was read; undefined when something is. */
export type Objection = (request: InviteRequest) => string | undefined;

/**
 * Gives a request another task, once, whoever else tries at the same time. One that has a dead letter is retried through that, so that
 * both tell the same story.
 * @throws RetryableError when it was not confirmed; it may be tried again.
 */
export async function requeueRequest(requestId: string, objection: Objection, call: OperatorCall): Promise<Outcome> {
  const { documentStore } = call;
  const read = await documentStore.get(inviteRequests, requestId);
  if (read === undefined) return skipped('there is no such request');
  const objected = objection(read.data);
  if (objected !== undefined) return skipped(objected);
  const letterId = deadLetterId(inviteQueue.name, requestId);
  const letter = read.data.status === 'FAILED' ? await documentStore.get(deadLetters, letterId) : undefined;
  if (letter !== undefined && letter.data.status !== 'retried') return retryLetter(letterId, call);
  const { changed, task } = queuedAnew(read.data, call.clock.now());
  try {
    await documentStore.commit([updateDocument(inviteRequests, read, changed)]);
  } catch (error) {
    if (error instanceof ConflictError) return skipped('it has changed in the same moment');
    throw error;
  }
  await call.taskQueue.enqueue(inviteQueue, task);
  return done;
}
