import type { OutgoingMessage } from '../ports/event-bus.ts';

/**
 * A dead letter is the original message with these attributes added. Source and attempts carry the names that Pub/Sub
 * itself gives them (https://cloud.google.com/pubsub/docs/handling-failures#track-delivery-attempts), so that a
 * message parked by a handler and one parked by the bus read the same.
 */
export const deadLetterAttributes = {
  /** Name of the subscription or queue that gave up. */
  source: 'CloudPubSubDeadLetterSourceSubscription',
  /** How many deliveries failed. */
  attempts: 'CloudPubSubDeadLetterSourceDeliveryCount',
  /** Stable error code and readable reason; absent when Pub/Sub parked the message. */
  code: 'deadLetterCode',
  reason: 'deadLetterReason',
} as const;

export interface DeadLetterReason {
  readonly source: string;
  readonly attempts: number;
  readonly code: string;
  readonly reason: string;
}

// Pub/Sub's limit for an attribute value is 1,024 bytes; three bytes a character is the worst case of a cut text.
const MAX_REASON_CHARACTERS = 340;

export function toDeadLetter(message: OutgoingMessage, why: DeadLetterReason): OutgoingMessage {
  return {
    data: message.data,
    attributes: {
      ...message.attributes,
      [deadLetterAttributes.source]: why.source,
      [deadLetterAttributes.attempts]: String(why.attempts),
      [deadLetterAttributes.code]: why.code,
      [deadLetterAttributes.reason]: why.reason.slice(0, MAX_REASON_CHARACTERS),
    },
  };
}
