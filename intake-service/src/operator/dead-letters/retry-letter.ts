import { ConflictError } from '@paid-community/shared/platform/ports/errors.ts';
import {
  claimed,
  deadLetters,
  reopened,
  retried,
  type DeadLetter,
  type RetryingLetter,
} from '@paid-community/shared/model/operations/dead-letter.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { FailedRequest } from '@paid-community/shared/model/links/request-states.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { CreateInviteLink } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { purchasesForLinkWorker, topology } from '@paid-community/shared/topology.ts';
import { done, skipped, type Outcome } from '../http/work-on-many.ts';
import type { OperatorCall } from '../http/operation.ts';
import { queueAgain } from '../requests/queue-again.ts';

/** Longer than any retry takes: the holder of an older claim is gone. */
const CLAIM_STALE_MS = 120_000;

/** How a letter is sent again, once it is claimed; or why it cannot be. */
type Sending = { readonly send: () => Promise<unknown> } | { readonly refusal: string };

/**
 * Sends a dead letter again, once, also when two operators try at the same time: the claim is an update of the letter
 * as it was read. A crash after the claim leaves it `retrying`, to be taken over when the claim is old; sending twice
 * is harmless then, as every repeat is.
 * @throws RetryableError when it could not be sent; the letter is open again.
 */
export async function retryLetter(id: string, call: OperatorCall): Promise<Outcome> {
  const read = await call.store.get(deadLetters, id);
  if (read === undefined) return skipped('there is no such dead letter');
  const letter = read.data;
  if (letter.status === 'retried')
    return skipped(`it was sent again at ${letter.actions.at(-1)?.at ?? 'some time'} and has not failed since`);
  const refusal = whyNot(letter, call.clock.now());
  if (refusal !== undefined) return skipped(refusal);
  const sending = await planSending(letter, call);
  if ('refusal' in sending) return skipped(sending.refusal);
  const claim = claimed(letter, call.operator, new Date(call.clock.now()).toISOString());
  try {
    await changeDocument(call.store, deadLetters, read, () => claim, { attempts: 1 });
  } catch (error) {
    if (error instanceof ConflictError) return skipped('somebody else has dealt with it in the same moment');
    throw error;
  }
  try {
    await sending.send();
  } catch (error) {
    await endClaim(id, claim, reopened, call);
    throw error;
  }
  await endClaim(id, claim, retried, call);
  return done;
}

function whyNot({ claimedAt, message }: DeadLetter, now: number): string | undefined {
  if (message.cutFromCharacters !== undefined)
    return 'only the beginning of the message was kept, so it cannot be sent again';
  if (claimedAt !== undefined && isFresh(claimedAt, now)) return 'somebody else is sending it again right now';
  return undefined;
}

async function planSending(letter: DeadLetter, call: OperatorCall): Promise<Sending> {
  if (letter.source === inviteQueue.name) return planTask(letter, call);
  const subscription = topology.subscriptions.find(({ name }) => name === letter.source);
  if (subscription === undefined)
    return { refusal: `nothing is named ${letter.source} any more, so there is nowhere to send it` };
  const { data, attributes } = letter.message;
  const failed = subscription === purchasesForLinkWorker ? await failedRequestOf(letter, call) : undefined;
  // Its event says nothing new to link-worker, which was told that it was given up: the request is queued anew instead.
  if (failed !== undefined) return { send: () => queueAgain(failed, call) };
  // To the whole topic: its other subscribers have it in their ledgers and records, and drop it.
  return { send: () => call.eventBus.publish(subscription.topic, { data, attributes }) };
}

async function planTask(letter: DeadLetter, call: OperatorCall): Promise<Sending> {
  let requestId: string;
  try {
    ({ requestId } = CreateInviteLink.parse(letter.message.data));
  } catch {
    return { refusal: 'it is no task of this system, so nobody could do it' };
  }
  const read = await call.store.get(inviteRequests, requestId);
  if (read === undefined) return { refusal: 'there is no request for this task; send its purchase again' };
  const request = inviteRequestOf(read.data);
  if (request.status === 'ERASED') return { refusal: 'the data of the buyer was erased' };
  if (request.status === 'DONE' || request.status === 'NOT_NEEDED') return { send: () => Promise.resolve() };
  return { send: () => queueAgain({ ...read, data: request }, call) };
}

async function failedRequestOf(
  { message }: DeadLetter,
  call: OperatorCall,
): Promise<Snapshot<FailedRequest> | undefined> {
  let requestId: string;
  try {
    ({ requestId } = PurchaseReceived.parse(message).data);
  } catch {
    return undefined;
  }
  const read = await call.store.get(inviteRequests, requestId);
  const request = read === undefined ? undefined : inviteRequestOf(read.data);
  return read !== undefined && request?.status === 'FAILED' ? { ...read, data: request } : undefined;
}

/** Leaves the letter as it is when the fact has failed again meanwhile, or somebody took the claim over. */
async function endClaim(
  id: string,
  claim: RetryingLetter,
  end: (letter: RetryingLetter) => DeadLetter,
  { store }: OperatorCall,
): Promise<void> {
  await changeDocument(store, deadLetters, id, (letter) =>
    letter?.status === 'retrying' && letter.retries === claim.retries ? end(letter) : undefined,
  );
}

/** A claim that is still to come was made by a clock that was wrong, and binds nobody. */
function isFresh(claimedAt: string, now: number): boolean {
  const ageMs = now - Date.parse(claimedAt);
  return ageMs > -CLAIM_STALE_MS && ageMs < CLAIM_STALE_MS;
}
