import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { requestIdOf } from '@paid-community/shared/model/purchases/request-id.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';

/** A purchase, from any source. */
export interface Purchase {
  readonly communityId: string;
  readonly userId: string;
  /** Empty where the source has none. */
  readonly transactionId: string;
  /** Tells purchases of one user apart where there is no transaction. */
  readonly idempotencyKey?: string | undefined;
}

export interface AcceptDeps {
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The publish is the acceptance: one durable write, and nothing else that could disagree with it. Returns the
 * requestId; the same purchase has the same one.
 * @throws RetryableError when the purchase could not be made durable.
 */
export async function acceptPurchase(
  { communityId, userId, transactionId, idempotencyKey }: Purchase,
  traceparent: string,
  { eventBus, clock, log }: AcceptDeps,
): Promise<string> {
  const requestId = requestIdOf({ communityId, userId, transactionId, idempotencyKey });
  const event = PurchaseReceived.create({
    time: new Date(clock.now()).toISOString(),
    traceparent,
    data: { requestId, userId, transactionId, communityId },
  });
  await PurchaseReceived.publish(eventBus, event);
  log.info({ requestId }, 'purchase accepted');
  return requestId;
}
