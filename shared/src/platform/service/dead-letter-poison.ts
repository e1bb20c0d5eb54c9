import { toDeadLetter } from '../delivery/dead-letter.ts';
import { errorCode, errorMessage, PermanentError } from '../ports/errors.ts';
import type { DeliveryOutcome, ReceivedDelivery } from '../delivery/received-delivery.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { Topic } from '../ports/topology-types.ts';

/**
 * So many, beside the first ones, which nobody can tell from those of its neighbours. Fewer than the failed attempts
 * that a message is allowed: each of these has cost all others a start.
 */
const MAX_PROCESS_DEATHS = 4;

/**
 * Decides between acknowledge, redelivery and dead letter. After a PermanentError the message is published as a dead
 * letter and acknowledged: a message that nobody can process costs one delivery and delays nobody. After any other error
 * it is handed back: an unknown error must never cost a message. Without a topic for them there are no dead letters: a
 * dead letter is always handed back, or it would go round for ever, at full speed.
 */
export async function deadLetterPoison(
  delivery: ReceivedDelivery,
  { eventBus, topic }: { readonly eventBus: EventBus; readonly topic: Topic | undefined },
  work: () => Promise<DeliveryOutcome>,
): Promise<DeliveryOutcome> {
  if (topic === undefined) return work();
  try {
    refuseWhatKills(delivery);
    return await work();
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const { source, attemptNumber: attempts, original } = delivery;
    const why = { source, attempts, code: errorCode(error), reason: errorMessage(error) };
    await eventBus.publish(topic, toDeadLetter(original, why));
    return { outcome: 'dead_lettered', error };
  }
}

function refuseWhatKills({ processDeaths = 0 }: ReceivedDelivery): void {
  if (processDeaths < MAX_PROCESS_DEATHS) return;
  throw new PermanentError(
    'process_died',
    `The process has died ${processDeaths} times and more while this was being handled; it is not tried again by itself`,
  );
}
