import { errorCode } from '../delivery/errors.ts';
import { messagingProcessDuration } from './metric-definitions.ts';
import type { Series, Telemetry } from './telemetry.ts';

/** What is processed: the messages of a subscription, or the tasks of a queue. */
export interface ProcessedSource {
  readonly kind: 'subscription' | 'queue';
  /** Topic or queue. */
  readonly destination: string;
  readonly subscription?: string;
}

/** One delivery of it. */
export interface ProcessedDelivery {
  readonly messageId: string;
  /** Event id or task name. */
  readonly id: string;
  readonly attemptNumber: number;
  /** Trace context that came with it. */
  readonly traceparent: string | undefined;
}

/** `parked` is to be called when the work ends well although the delivery became a dead letter. */
export type MeasureProcessing = (
  delivery: ProcessedDelivery,
  work: (parked: (code: string) => void) => Promise<void>,
) => Promise<void>;

/** Event ids and task names begin with the requestId that they are made of. */
const REQUEST_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=[.-])/;

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
  return async ({ messageId, id, attemptNumber, traceparent }, work) => {
    const startedAt = performance.now();
    const elapsed = (): number => (performance.now() - startedAt) / 1_000;
    const attributes = () => ({
      ...series,
      'messaging.operation.type': 'process',
      'messaging.message.id': messageId,
      'paid_community.message_name': id,
      'paid_community.attempt': attemptNumber,
    });
    let parkedBy: string | undefined;
    try {
      await telemetry.inSpan(
        { kind: 'consumer', name, parent: traceparent, requestId: REQUEST_ID.exec(id)?.[0], attributes },
        (span) =>
          work((code) => {
            parkedBy = code;
            span.fail(code);
          }),
      );
    } catch (error) {
      failedBy(errorCode(error)).record(elapsed());
      throw error;
    }
    (parkedBy === undefined ? processed : failedBy(parkedBy)).record(elapsed());
  };
}
