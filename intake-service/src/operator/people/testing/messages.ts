import { toDeadLetter } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import type { OutgoingMessage } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { deadLetterTopic } from '@paid-community/shared/model/topics.ts';
import { recordDeadLetter } from '../../../dead-letters/record-dead-letter.ts';
import type { Operator } from '../../testing/open-operator.ts';

export async function publish(operator: Operator, topic: Topic, message: OutgoingMessage): Promise<void> {
  await operator.backend.eventBus.publish(topic, message);
}

/** With the dead-letter topic, as the bus and the services leave it: the message is retained, and recorded. */
export async function park(
  operator: Operator,
  messageId: string,
  message: OutgoingMessage,
  source: string,
  reason = 'Nobody could process it',
): Promise<void> {
  const letter = toDeadLetter(message, { source, attempts: 1, code: 'invalid', reason });
  await publish(operator, deadLetterTopic, letter);
  await recordDeadLetter(
    { ...letter, messageId, publishTime: new Date(operator.clock.now()), deliveryAttempt: 1 },
    operator.backend.store,
    400,
  );
}

export function update(userId: string, username: string, extra: object = {}): string {
  return JSON.stringify({
    update_id: 1,
    chat_member: { from: { id: Number(userId), username, first_name: 'Somebody' }, ...extra },
  });
}

export function eventMessage(event: { readonly id: string; readonly type: string }): OutgoingMessage {
  return { data: JSON.stringify(event), attributes: { id: event.id, type: event.type } };
}
