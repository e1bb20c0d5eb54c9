import { toDeadLetter } from '../delivery/dead-letter.ts';
import { PermanentError, errorCode, errorMessage } from '../delivery/errors.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventBus, OutgoingMessage } from '../ports/event-bus.ts';
import { deadLetterTopic } from '../../model/topics.ts';
import { traceparentOf } from '../delivery/task-traceparent.ts';
import { processingMeasurement } from '../telemetry/measure-processing.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import type { SubscriptionBinding, TaskBinding } from './service.ts';

/**
 * So many, beside the first ones, which nobody can tell from those of its neighbours. Fewer than the failed attempts
 * that a message is allowed: each of these has cost all others a start.
 */
const MAX_PROCESS_DEATHS = 4;

interface Deps {
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry?: Telemetry;
}

/**
 * The one place that decides between acknowledge, redelivery and dead letter. A PermanentError parks the message at
 * once and acknowledges it, so that a message nobody can process costs one delivery and delays nobody; everything else
 * is handed back. A dead letter itself is always handed back: parked again it would go round for ever, at full speed.
 */
export function parkPoisonMessages(binding: SubscriptionBinding, deps: Deps): SubscriptionBinding {
  const { name: source, topic } = binding.subscription;
  const canPark = topic.name !== deadLetterTopic.name;
  const measure = processingMeasurement(deps.telemetry ?? noTelemetry, {
    kind: 'subscription',
    destination: topic.name,
    subscription: source,
  });
  return {
    ...binding,
    handle: (message) => {
      const what = {
        source,
        id: message.attributes['id'] ?? message.messageId,
        attemptNumber: message.deliveryAttempt ?? 1,
        processDeaths: message.processDeaths,
      };
      const delivery = { ...what, messageId: message.messageId, traceparent: message.attributes['traceparent'] };
      return measure(delivery, (parked) =>
        attempt({ ...deps, canPark, parked }, what, message, () => binding.handle(message)),
      );
    },
  };
}

/** The same for a task; its dead letter holds the payload. */
export function parkPoisonTasks(binding: TaskBinding, deps: Deps): TaskBinding {
  const source = binding.queue.name;
  const measure = processingMeasurement(deps.telemetry ?? noTelemetry, { kind: 'queue', destination: source });
  return {
    ...binding,
    handle: (task) => {
      const what = { source, id: task.name, attemptNumber: task.attemptNumber, processDeaths: task.processDeaths };
      const message = { data: task.payload, attributes: { id: task.name } };
      const delivery = { ...what, messageId: task.name, traceparent: traceparentOf(task.payload) };
      return measure(delivery, (parked) =>
        attempt({ ...deps, canPark: true, parked }, what, message, () => binding.handle(task)),
      );
    },
  };
}

interface Attempted {
  readonly source: string;
  readonly id: string;
  readonly attemptNumber: number;
  readonly processDeaths: number | undefined;
}

async function attempt(
  {
    eventBus,
    clock,
    log,
    canPark,
    parked,
  }: Deps & { readonly canPark: boolean; readonly parked: (code: string) => void },
  what: Attempted,
  message: OutgoingMessage,
  handle: () => Promise<void>,
): Promise<void> {
  const startedAt = clock.monotonicMs();
  const elapsedMs = (): number => Math.round(clock.monotonicMs() - startedAt);
  try {
    if (canPark) refuseWhatKills(what);
    await handle();
    log.debug({ ...what, durationMs: elapsedMs(), outcome: 'acknowledged' }, 'delivery');
  } catch (error) {
    const durationMs = elapsedMs();
    if (!(error instanceof PermanentError) || !canPark) {
      log.warn({ ...what, durationMs, outcome: 'handed_back', error }, 'delivery');
      throw error;
    }
    const why = {
      source: what.source,
      attempts: what.attemptNumber,
      code: errorCode(error),
      reason: errorMessage(error),
    };
    await eventBus.publish(deadLetterTopic, toDeadLetter(message, why));
    parked(why.code);
    log.error({ ...what, durationMs, outcome: 'dead_lettered', error }, 'delivery');
  }
}

function refuseWhatKills({ processDeaths = 0 }: Attempted): void {
  if (processDeaths < MAX_PROCESS_DEATHS) return;
  throw new PermanentError(
    'process_died',
    `The process has died ${processDeaths} times and more while this was being handled; it is not tried again by itself`,
  );
}
