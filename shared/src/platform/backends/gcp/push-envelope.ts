import { Type } from 'typebox';
import { HttpError } from '../../http/http-error.ts';
import type { ReceivedMessage } from '../../ports/event-bus.ts';
import { compileValidator } from '../../validation/validator.ts';
import { messageText } from './message-text.ts';

/** 10 MB is Pub/Sub's limit for a message; base64 makes a third more of it, and attributes and names come on top. */
export const MAX_PUSH_BODY_BYTES = 15 * 1_024 * 1_024;

// https://cloud.google.com/pubsub/docs/push#receive_push. Fields in snake case come as well, and are not needed.
const validateEnvelope = compileValidator(
  Type.Object({
    message: Type.Object({
      /** Absent for a message that has only attributes. */
      data: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', description: 'base64' })),
      attributes: Type.Optional(Type.Record(Type.String(), Type.String())),
      messageId: Type.String({ minLength: 1 }),
      publishTime: Type.String({
        pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$',
        format: 'date-time',
        description: 'an RFC 3339 time in UTC',
      }),
    }),
    subscription: Type.String({ minLength: 1 }),
    /** Only with a dead-letter policy, and never from the emulator. */
    deliveryAttempt: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
);

/** @throws HttpError invalid_request when this is not what Pub/Sub pushes. */
export function parsePushEnvelope(body: unknown): ReceivedMessage {
  const envelope = validateEnvelope(body);
  if (!envelope.valid)
    throw new HttpError('invalid_request', 'This is not a message pushed by Pub/Sub', envelope.issues);
  const { message, deliveryAttempt } = envelope.value;
  return {
    messageId: message.messageId,
    publishTime: new Date(message.publishTime),
    data: messageText(Buffer.from(message.data ?? '', 'base64')),
    attributes: message.attributes ?? {},
    deliveryAttempt,
  };
}
