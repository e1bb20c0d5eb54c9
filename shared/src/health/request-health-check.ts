import { randomUUID } from 'node:crypto';
import { HealthCheckRequested } from '../model/operations/health-check-requested.ts';
import type { ServiceName } from '../model/services.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { EventBus } from '../platform/ports/event-bus.ts';
import { traceparentFrom } from '../platform/trace/traceparent.ts';

/** Returns the id of the check, by which its answers are known. @throws RetryableError */
export async function requestHealthCheck(
  request: {
    readonly askedBy: ServiceName;
    readonly fix?: boolean;
    readonly chatId?: string;
    readonly traceparent?: string;
  },
  { eventBus, clock }: { readonly eventBus: EventBus; readonly clock: Clock },
): Promise<string> {
  const checkId = randomUUID();
  const { traceparent, ...asked } = request;
  await HealthCheckRequested.publish(
    eventBus,
    HealthCheckRequested.create({
      time: new Date(clock.now()).toISOString(),
      traceparent: traceparentFrom(traceparent),
      data: { checkId, ...asked },
    }),
  );
  return checkId;
}
