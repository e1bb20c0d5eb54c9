import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { requestIdOf } from '@paid-community/shared/model/purchases/request-id.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';

/** A purchase, from any source. */
export interface Purchase {
  /** What it opens: each of them hears of it as a purchase of its own. */
  readonly communityIds: readonly [string, ...string[]];
  readonly userId: string;
  /** Empty where the source has none. */
  readonly transactionId: string;
  /** Tells purchases of one user apart where there is no transaction. */
  readonly idempotencyKey?: string | undefined;
  readonly planId?: string | undefined;
  readonly planName?: string | undefined;
  /** Of the plan. */
  readonly period?: string | undefined;
  /** It is paid until then, whatever the period. */
  readonly endsAt?: string | undefined;
  /** The buyer's account, where it is known. */
  readonly telegramUserId?: string | undefined;
  readonly email?: string | undefined;
  /** See makes-membership.ts. */
  readonly makesMembership?: true | 'unknown' | undefined;
  /** A test journey: no part of any count. */
  readonly test?: true | undefined;
}

export interface AcceptDeps {
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What one community knows a purchase as. */
export interface AcceptedRequest {
  readonly communityId: string;
  readonly requestId: string;
}

/**
 * The publish is the acceptance: one durable write for each community, and nothing else that could disagree with it.
 * Returns the requestIds, in the order of the communities; the same purchase has the same ones.
 * @throws RetryableError when the purchase could not be made durable; posting it again completes it.
 */
export async function acceptPurchase(
  purchase: Purchase,
  traceparent: string,
  { eventBus, clock, log }: AcceptDeps,
): Promise<readonly [AcceptedRequest, ...AcceptedRequest[]]> {
  const { communityIds, idempotencyKey, ...bought } = purchase;
  const time = new Date(clock.now()).toISOString();
  const toRequest = (communityId: string): AcceptedRequest => ({
    communityId,
    requestId: requestIdOf({ ...bought, communityId, idempotencyKey }),
  });
  const [first, ...others] = communityIds;
  const requests: readonly [AcceptedRequest, ...AcceptedRequest[]] = [toRequest(first), ...others.map(toRequest)];
  const otherRequestIds = others.length === 0 ? undefined : requests.slice(1).map(({ requestId }) => requestId);
  // At once: the embedded store makes them durable together.
  await Promise.all(
    requests.map(async (request, index) => {
      const data = { ...request, ...bought, otherRequestIds: index === 0 ? otherRequestIds : undefined };
      await PurchaseReceived.publish(eventBus, PurchaseReceived.create({ time, traceparent, data }));
      log.info({ requestId: request.requestId }, 'purchase accepted');
    }),
  );
  return requests;
}
