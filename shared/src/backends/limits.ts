import { PermanentError } from '../delivery/errors.ts';
import type { OutgoingMessage } from '../ports/event-bus.ts';
import type { OutgoingTask } from '../ports/task-queue.ts';

// The limits of the ports are those of Google's services. Every backend checks them here, so that what works on one
// machine works in the cloud.

/** Pub/Sub: 10 MB for a whole publish request; a message alone in it stays under that with this. */
export const MAX_MESSAGE_BYTES = 9_000_000;
const MAX_ATTRIBUTES = 100;
const MAX_ATTRIBUTE_KEY_BYTES = 256;
const MAX_ATTRIBUTE_VALUE_BYTES = 1_024;
/** Firestore: 1 MiB with all names and overhead. */
export const MAX_DOCUMENT_BYTES = 1_000_000;
const DOCUMENT_ID = /^(?!\.{1,2}$)(?!__.*__$)[^/]{1,400}$/su;
const MAX_DOCUMENT_ID_BYTES = 1_500;

export const MAX_TASK_BYTES = 100_000;
export const MAX_SCHEDULE_AHEAD_MS = 30 * 24 * 3_600_000;
const TASK_NAME = /^[A-Za-z0-9_.-]{1,400}$/;

/** @throws PermanentError naming the limit that the task breaks. */
export function checkTask(task: OutgoingTask, nowMs: number): void {
  if (!TASK_NAME.test(task.name)) {
    throw new PermanentError('invalid_task_name', 'A task name has 1 to 400 letters, digits, dots, hyphens and underscores');
  }
  const bytes = Buffer.byteLength(task.payload);
  if (bytes > MAX_TASK_BYTES) {
    throw new PermanentError('task_too_large', `A task payload has at most ${MAX_TASK_BYTES} bytes; this one has ${bytes}`);
  }
  if (task.notBefore !== undefined && !(task.notBefore.getTime() <= nowMs + MAX_SCHEDULE_AHEAD_MS)) {
    throw new PermanentError('task_schedule_too_far', 'A task is scheduled at most 30 days ahead, at a valid date');
  }
}

/** @throws PermanentError naming the limit that the message breaks. */
export function checkMessage(message: OutgoingMessage): void {
  const attributes = Object.entries(message.attributes);
  if (attributes.length > MAX_ATTRIBUTES) throw new PermanentError('invalid_message', `A message has at most ${MAX_ATTRIBUTES} attributes`);
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
    throw new PermanentError('message_too_large', `A message has at most ${MAX_MESSAGE_BYTES} bytes; this one has ${bytes}`);
  }
}

/** @throws PermanentError saying what an id looks like. */
export function checkDocumentId(id: string): void {
  if (!DOCUMENT_ID.test(id) || Buffer.byteLength(id) > MAX_DOCUMENT_ID_BYTES) {
    throw new PermanentError('invalid_document_id', 'A document id has 1 to 400 characters, no slash, and is not ., .. or __…__');
  }
}

/** @throws PermanentError when the JSON text of a document is too long. */
export function checkDocumentSize(json: string): void {
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_DOCUMENT_BYTES) throw new PermanentError('document_too_large', `A document has at most ${MAX_DOCUMENT_BYTES} bytes; this one has ${bytes}`);
}
