import { errorCode } from '../ports/errors.ts';
import type { DeliveryOutcome, ReceivedDelivery } from '../delivery/received-delivery.ts';
import { messagingProcessDuration } from './metric-definitions.ts';
import type { Series, Telemetry } from './telemetry.ts';

/** What is processed: the messages of a subscription, or the tasks of a queue. */
export interface ProcessedSource {
  readonly kind: 'subscription' | 'queue';
  /** Topic or queue. */
  readonly destination: string;
  readonly subscription?: string;
}

/** Measures a delivery. One that became a dead letter counts as failed. */
export type MeasureProcessing = (delivery: ReceivedDelivery, work: () => Promise<DeliveryOutcome>) => Promise<void>;

/** Runs deliveries in the trace that they came with, and measures how long each took. */
export function processingMeasurement(
  telemetry: Telemetry,
  { kind, destination, subscription }: ProcessedSource,
): MeasureProcessing {
  const series = {
    'messaging.system': kind === 'queue' ? telemetry.systems.queue : telemetry.systems.bus,
    'messaging.operation.name': 'process',
    'messaging.destination.name': destination,
    ...(subscription === undefined ? {} : { 'messaging.destination.subscription.name': subscription }),
  } as const;
  const processed = telemetry.series(messagingProcessDuration, series);
  const failed = new Map<string, Series>();
  const failedBy = (code: string): Series => {
    const known = failed.get(code) ?? telemetry.series(messagingProcessDuration, { ...series, 'error.type': code });
    failed.set(code, known);
    return known;
  };
  const name = `process ${destination}`;
  return async ({ messageId, id, attemptNumber, traceparent, subject: requestId }, work) => {
    const startedAt = performance.now();
    const elapsed = (): number => (performance.now() - startedAt) / 1_000;
    const attributes = () => ({
      ...series,
      'messaging.operation.type': 'process',
      'messaging.message.id': messageId,
      'paid_community.message_name': id,
      'paid_community.attempt': attemptNumber,
    });
    try {
      const deadLettered = await telemetry.inSpan(
        { kind: 'consumer', name, parent: traceparent, requestId, attributes },
        async (span) => {
          const ended = await work();
          if (ended.outcome !== 'dead_lettered') return undefined;
          const code = errorCode(ended.error);
          span.fail(code);
          return code;
        },
      );
      (deadLettered === undefined ? processed : failedBy(deadLettered)).record(elapsed());
    } catch (error) {
      failedBy(errorCode(error)).record(elapsed());
      throw error;
    }
  };
}
