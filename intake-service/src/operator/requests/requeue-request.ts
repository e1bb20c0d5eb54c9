import { deadLetterId, deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { isOpen, type InviteRequest } from '@paid-community/shared/model/links/request-states.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { done, skipped, type Outcome } from '../http/work-on-many.ts';
import type { OperatorCall } from '../http/operation.ts';
import { queueAgain } from './queue-again.ts';
import { retryLetter } from '../dead-letters/retry-letter.ts';

/** Why nothing is to be done about a request as it was read; undefined when something is. */
export type Objection = (request: InviteRequest) => string | undefined;

/**
 * Gives a request another task, once, also when two operators try at the same time. A request with a dead letter is
 * retried through the letter, so that both tell the same story.
 * @throws RetryableError when it was not confirmed; it may be tried again.
 */
export async function requeueRequest(requestId: string, objection: Objection, call: OperatorCall): Promise<Outcome> {
  const { store } = call;
  const read = await store.get(inviteRequests, requestId);
  if (read === undefined) return skipped('there is no such request');
  const request = inviteRequestOf(read.data);
  const objected = objection(request);
  if (objected !== undefined) return skipped(objected);
  if (!isOpen(request) && request.status !== 'FAILED') return skipped(`it is ${request.status}`);
  const letterId = deadLetterId(inviteQueue.name, requestId);
  const letter = request.status === 'FAILED' ? await store.get(deadLetters, letterId) : undefined;
  if (letter !== undefined && letter.data.status !== 'retried') return retryLetter(letterId, call);
  return (await queueAgain({ ...read, data: request }, call)) === 'created'
    ? done
    : skipped('its task is queued already');
}
