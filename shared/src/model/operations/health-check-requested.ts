import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { traceparentFrom } from '../../platform/trace/traceparent.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { EventBus, ReceivedMessage } from '../../platform/ports/event-bus.ts';
import { healthChecks } from '../topics.ts';
import type { ServiceName } from '../../platform/ports/topology-types.ts';
import { defineEvent } from '../../platform/delivery/define-event.ts';
import { SCHEDULED_HEALTH_CHECK } from './scheduled-health-check.ts';

/** Somebody wants to know how the services and the outside are. */
const HealthCheckRequested = defineEvent({
  type: 'HealthCheckRequested',
  idSuffix: 'health-check-requested',
  source: 'paid-community',
  topic: healthChecks,
  data: Type.Object({
    checkId: Type.String({ minLength: 1, maxLength: 100 }),
    askedBy: Type.String(),
    fix: Type.Optional(Type.Boolean()),
    chatId: Type.Optional(Type.String()),
  }),
});

export interface HealthCheck {
  readonly checkId: string;
  /** Mend what can be mended from here: the webhook. */
  readonly fix: boolean;
  /** Asked by a timer: whoever pays for each look leaves out what is dear. */
  readonly scheduled: boolean;
  /** Only what depends on the bot's standing in this chat is asked about. */
  readonly chatId: string | undefined;
}

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
      requestId: checkId,
      time: new Date(clock.now()).toISOString(),
      traceparent: traceparentFrom(traceparent),
      data: { checkId, ...asked },
    }),
  );
  return checkId;
}

/** @throws PermanentError when the message asks for no check. */
export function parseHealthCheck(message: ReceivedMessage): HealthCheck {
  if (message.data === SCHEDULED_HEALTH_CHECK.data)
    return { checkId: message.messageId, fix: false, scheduled: true, chatId: undefined };
  const { checkId, fix = false, chatId } = HealthCheckRequested.parse(message).data;
  return { checkId, fix, scheduled: false, chatId };
}
