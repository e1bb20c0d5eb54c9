import { PermanentError } from '../../platform/ports/errors.ts';
import type { DomainEvent } from '../../platform/delivery/define-event.ts';
import { DURATION_PATTERN } from '../communities/durations.ts';
import { LIFETIME } from '../plans/plan.ts';
import type { PurchaseReceivedData } from '../purchases/purchase-received.ts';
import type { Dispute, EarlyNotes, Grant, PurchaseNotes, Refund } from './grant.ts';

// What a purchase gives, and what is told of it afterwards, in any order and any number of times.

/**
 * @param early - What was told of it before it came.
 * @throws PermanentError for a period that is none.
 */
export function purchaseGrant(
  { data, time }: Pick<DomainEvent<PurchaseReceivedData>, 'data' | 'time'>,
  membershipId: string,
  early: EarlyNotes | undefined,
  nowMs: number,
): Grant {
  const { requestId, communityId, userId, transactionId, planId, planName, period, endsAt, otherRequestIds } = data;
  if (period !== undefined && period !== LIFETIME && !new RegExp(DURATION_PATTERN, 'u').test(period))
    throw new PermanentError('invalid_period', `A period is an ISO 8601 duration or "${LIFETIME}", not "${period}"`);
  return {
    grantId: requestId,
    kind: 'purchase',
    membershipId,
    communityId,
    userId,
    transactionId,
    planId,
    planName,
    period,
    endsAt,
    otherRequestIds,
    from: time,
    refunds: early?.refunds,
    dispute: early?.dispute,
    createdAt: new Date(nowMs).toISOString(),
  };
}

export function noEarlyNotes(grantId: string, at: string, expiresAt: string): EarlyNotes {
  return { grantId, kind: 'early', createdAt: at, expiresAt };
}

/** The same object when the refund is known. */
export function withRefund<Noted extends PurchaseNotes>(known: Noted, refund: Refund): Noted {
  const { refunds = [] } = known;
  if (refunds.some(({ refundId }) => refundId === refund.refundId)) return known;
  return { ...known, refunds: [...refunds, refund] };
}

/** The end of a dispute counts, however late its beginning is told. Of two ends the later one does. */
export function withDispute<Noted extends PurchaseNotes>(known: Noted, dispute: Dispute): Noted {
  return known.dispute !== undefined && rankOf(known.dispute) >= rankOf(dispute) ? known : { ...known, dispute };
}

function rankOf({ state, at }: Dispute): string {
  return `${state === 'open' ? 0 : 1} ${at} ${state}`;
}

/** With all that was told of another request of the same purchase. */
export function withNotes<Noted extends PurchaseNotes>(known: Noted, { refunds = [], dispute }: PurchaseNotes): Noted {
  const refunded = refunds.reduce((noted, refund) => withRefund(noted, refund), known);
  return dispute === undefined ? refunded : withDispute(refunded, dispute);
}

/** Nothing is given for it any more, whatever comes. */
export function isVoid({ refunds = [], dispute }: PurchaseNotes): boolean {
  return refunds.some(({ amount }) => amount === undefined) || dispute?.state === 'lost';
}
