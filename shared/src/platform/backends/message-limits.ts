import { PermanentError } from '../ports/errors.ts';
import type { OutgoingMessage } from '../ports/event-bus.ts';

// Pub/Sub's limits, checked on every backend, so that what works on one machine works in the cloud.

/** 10 MB for a whole publish request; a message alone in it stays under that with this. */
const MAX_MESSAGE_BYTES = 9_000_000;
const MAX_ATTRIBUTES = 100;
const MAX_ATTRIBUTE_KEY_BYTES = 256;
const MAX_ATTRIBUTE_VALUE_BYTES = 1_024;

/** @throws PermanentError naming the limit that the message breaks. */
export function checkMessage(message: OutgoingMessage): void {
  const attributes = Object.entries(message.attributes);
  if (attributes.length > MAX_ATTRIBUTES)
    throw new PermanentError('invalid_message', `A message has at most ${MAX_ATTRIBUTES} attributes`);
  let bytes = Buffer.byteLength(message.data);
  for (const [key, value] of attributes) {
    const keyBytes = Buffer.byteLength(key);
    const valueBytes = Buffer.byteLength(value);
    if (key === '' || keyBytes > MAX_ATTRIBUTE_KEY_BYTES || valueBytes > MAX_ATTRIBUTE_VALUE_BYTES) {
      throw new PermanentError(
        'invalid_message',
        `An attribute has a name of 1 to ${MAX_ATTRIBUTE_KEY_BYTES} bytes and a value of at most ${MAX_ATTRIBUTE_VALUE_BYTES}`,
      );
    }
    bytes += keyBytes + valueBytes;
  }
  if (bytes > MAX_MESSAGE_BYTES) {
    throw new PermanentError(
      'message_too_large',
      `A message has at most ${MAX_MESSAGE_BYTES} bytes; this one has ${bytes}`,
    );
  }
}
