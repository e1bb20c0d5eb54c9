import type { Backend } from './backend.ts';
import { errorCode } from '../ports/errors.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { TaskQueue } from '../ports/task-queue.ts';
import { withTraceparent } from '../delivery/task-payload.ts';
import { messagingSendDuration } from '../telemetry/metric-definitions.ts';
import type { Series, Telemetry } from '../telemetry/telemetry.ts';
import type { Span } from '../trace/span.ts';

/** The same backend; what is sent through it is measured, and carries the trace context of its own span along. */
export function instrumentBackend(backend: Backend, telemetry: Telemetry): Backend {
  return {
    eventBus: instrumentBus(backend.eventBus, telemetry),
    taskQueue: instrumentQueue(backend.taskQueue, telemetry),
    store: backend.store,
    administration: backend.administration,
    deliverTo: (consumers, isBusy) => backend.deliverTo(consumers, isBusy),
    checkReady: () => backend.checkReady(),
    close: () => backend.close(),
  };
}

function instrumentBus(eventBus: EventBus, telemetry: Telemetry): EventBus {
  const system = telemetry.systems.bus;
  const send = sender(telemetry, { system, operation: 'publish' });
  return {
    publish: (topic, message) => {
      const { id, traceparent } = message.attributes;
      const publishInSpan = async (span: Span): Promise<string> => {
        const attributes = { ...message.attributes, traceparent: span.traceparent };
        const messageId = await eventBus.publish(topic, { ...message, attributes });
        span.set({ 'messaging.message.id': messageId });
        return messageId;
      };
      const publish = (): Promise<string> => eventBus.publish(topic, message);
      return send(topic.name, id, traceparent, telemetry.isTracing ? publishInSpan : publish);
    },
    seek: (subscription, since) => eventBus.seek(subscription, since),
  };
}

function instrumentQueue(taskQueue: TaskQueue, telemetry: Telemetry): TaskQueue {
  const system = telemetry.systems.queue;
  const send = sender(telemetry, { system, operation: 'enqueue' });
  return {
    enqueue: (queue, task) =>
      send(queue.name, task.name, undefined, (span) =>
        taskQueue.enqueue(
          queue,
          telemetry.isTracing ? { ...task, payload: withTraceparent(task.payload, span.traceparent) } : task,
        ),
      ),
  };
}

type Send = <T>(
  destination: string,
  id: string | undefined,
  parent: string | undefined,
  work: (span: Span) => Promise<T>,
) => Promise<T>;

// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
function sender(
  telemetry: Telemetry,
  { system, operation }: { readonly system: string; readonly operation: string },
): Send {
  const attributesOf = (destination: string) =>
    ({
      'messaging.system': system,
      'messaging.operation.name': operation,
      'messaging.operation.type': 'send',
      'messaging.destination.name': destination,
    }) as const;
  const succeeded = new Map<string, Series>();
  return async (destination, id, parent, work) => {
    const startedAt = performance.now();
    let series = succeeded.get(destination);
    if (series === undefined) {
      series = telemetry.series(messagingSendDuration, attributesOf(destination));
      succeeded.set(destination, series);
    }
    const attributes = () => ({
      ...attributesOf(destination),
      ...(id === undefined ? {} : { 'paid_community.message_name': id }),
    });
    try {
      const result = await telemetry.inSpan(
        { kind: 'producer', name: `${operation} ${destination}`, parent, attributes },
        work,
      );
      series.record((performance.now() - startedAt) / 1_000);
      return result;
    } catch (error) {
      telemetry
        .series(messagingSendDuration, { ...attributesOf(destination), 'error.type': errorCode(error) })
        .record((performance.now() - startedAt) / 1_000);
      throw error;
    }
  };
}
