import type { Consumers } from '../backends/backend.ts';
import { handleByType } from '../delivery/message-handlers.ts';
import type { DeliveryOutcome, ReceivedDelivery } from '../delivery/received-delivery.ts';
import { handleTaskByType } from '../delivery/task-handlers.ts';
import { readTaskPayload } from '../delivery/task-payload.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { Topic } from '../ports/topology-types.ts';
import { processingMeasurement, type ProcessedSource } from '../telemetry/measure-processing.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { deadLetterPoison } from './dead-letter-poison.ts';
import { logDelivery } from './log-deliveries.ts';
import type { SubscriptionBinding, TaskBinding } from './service.ts';

interface Deps {
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}

/** What becomes of a message: its handler by type, within the policies of every delivery. */
export function deliverMessages(binding: SubscriptionBinding, deps: Deps): Consumers['subscriptions'][number] {
  const { subscription } = binding;
  const { name: source, topic, onlyWith } = subscription;
  const handle = handleByType(binding);
  const deliver = policies(
    { kind: 'subscription', destination: topic.name, subscription: source },
    subscription.deadLetter?.topic,
    deps,
  );
  return {
    subscription,
    isUrgent: binding.isUrgent,
    handle: (message) => {
      const { messageId, attributes, deliveryAttempt, processDeaths } = message;
      // A replay of a topic delivers more than the subscription wants, and so does the emulator of Pub/Sub.
      if (onlyWith !== undefined && attributes[onlyWith] === undefined) return Promise.resolve();
      const delivery = {
        source,
        id: attributes['id'] ?? messageId,
        messageId,
        attemptNumber: deliveryAttempt ?? 1,
        processDeaths,
        traceparent: attributes['traceparent'],
        subject: attributes['subject'],
        original: message,
      };
      return deliver(delivery, () => handle(message));
    },
  };
}

/** The same for a task. Its dead letter holds the payload. */
export function deliverTasks(binding: TaskBinding, deps: Deps): Consumers['tasks'][number] {
  const { queue } = binding;
  const source = queue.name;
  const handle = handleTaskByType(binding);
  const deliver = policies({ kind: 'queue', destination: source }, queue.deadLetter?.topic, deps);
  return {
    queue,
    handle: (task) => {
      const { name, payload, attemptNumber, processDeaths } = task;
      const { traceparent, subject, content } = readTaskPayload(payload);
      const original = { data: payload, attributes: { id: name } };
      const delivery = {
        source,
        id: name,
        messageId: name,
        attemptNumber,
        processDeaths,
        traceparent,
        subject,
        original,
      };
      return deliver(delivery, () => handle(content, task));
    },
  };
}

/** From the outside in: trace and measure, log, decide about redelivery and dead letter. */
function policies(
  source: ProcessedSource,
  deadLetters: Topic | undefined,
  { eventBus, clock, log, telemetry }: Deps,
): (delivery: ReceivedDelivery, work: () => Promise<DeliveryOutcome>) => Promise<void> {
  const measure = processingMeasurement(telemetry, source);
  const poison = { eventBus, topic: deadLetters };
  const lines = { clock, log };
  return (delivery, work) =>
    measure(delivery, () => logDelivery(delivery, lines, () => deadLetterPoison(delivery, poison, work)));
}
