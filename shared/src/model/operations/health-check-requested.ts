import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { traceparentFrom } from '../../platform/trace/traceparent.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { EventBus } from '../../platform/ports/event-bus.ts';
import { healthChecks } from '../topics.ts';
import type { ServiceName } from '../services.ts';
import { defineEvent } from '../../platform/delivery/define-event.ts';

/** Somebody wants to know how the services and the outside are. */
export const HealthCheckRequested = defineEvent({
  type: 'HealthCheckRequested',
  idSuffix: 'health-check-requested',
  subjectOf: ({ checkId }) => checkId,
  source: 'paid-community',
  topic: healthChecks,
  data: Type.Object({
    checkId: Type.String({ minLength: 1, maxLength: 100 }),
    askedBy: Type.String(),
    fix: Type.Optional(Type.Boolean()),
    chatId: Type.Optional(Type.String()),
  }),
});

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
