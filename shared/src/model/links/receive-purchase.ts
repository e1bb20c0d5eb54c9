import type { DomainEvent } from '../../platform/delivery/define-event.ts';
import type { PurchaseReceivedData } from '../purchases/purchase-received.ts';
import type {
  DoneRequest,
  ErasedRequest,
  FailedRequest,
  InviteRequest,
  NotNeededRequest,
  OpenRequest,
  QueuedRequest,
} from './request-states.ts';

type Purchase = Pick<DomainEvent<PurchaseReceivedData>, 'data' | 'time' | 'traceparent'>;

/** A purchase as a request. It is kept until `expiresAt`. `membershipId`: of `membershipOfPurchase`. */
export function received(
  { data, time, traceparent }: Purchase,
  expiresAt: string,
  membershipId?: string,
): QueuedRequest {
  const { requestId, userId, transactionId, communityId, telegramUserId, test } = data;
  return {
    requestId,
    userId,
    transactionId,
    communityId,
    membershipId,
    telegramUserId,
    test,
    status: 'QUEUED',
    attempts: 0,
    createdAt: time,
    updatedAt: time,
    traceparent,
    retries: 0,
    generation: 1,
    failures: [],
    earlierLinks: [],
    expiresAt,
  };
}

/**
 * The next life of an erased request. Its link, its events and its task have numbers after those that were erased, so
 * that what is left of these is in nobody's way.
 */
export function boughtAgain(
  { erased, retries }: ErasedRequest,
  purchase: Purchase,
  expiresAt: string,
  membershipId?: string,
): QueuedRequest {
  return {
    ...received(purchase, expiresAt, membershipId),
    erased,
    generation: erased.generation + 1,
    retries: retries + 1,
  };
}

export type AfterPurchase =
  | { readonly kind: 'nothing' }
  /** Its first task may not have been queued: a crash came between the record and the task. */
  | { readonly kind: 'queue'; readonly request: OpenRequest }
  /** It took a link of the pool, and its event may not have been published: a crash came between. */
  | { readonly kind: 'publish'; readonly request: DoneRequest }
  /** It was given up, and gets all its attempts again. */
  | { readonly kind: 'retry'; readonly request: FailedRequest }
  | { readonly kind: 'begin_anew'; readonly request: ErasedRequest }
  /** It was posted again: where the person is decides whether another link is needed (another-link.ts). */
  | { readonly kind: 'look'; readonly request: DoneRequest | NotNeededRequest };

/**
 * What a purchase means for its request that exists. A redelivery and a replay of the past change nothing. One that was
 * posted after the request was given up, or erased, begins anew.
 */
export function afterPurchase(request: InviteRequest, { time }: Pick<Purchase, 'time'>, nowMs: number): AfterPurchase {
  switch (request.status) {
    case 'QUEUED':
      return { kind: 'queue', request };
    case 'PROCESSING':
      return request.attempts === 0 ? { kind: 'queue', request } : { kind: 'nothing' };
    case 'FAILED':
      return request.failedAt !== undefined && wasPostedAfter(request.failedAt, time, nowMs)
        ? { kind: 'retry', request }
        : { kind: 'nothing' };
    case 'ERASED':
      return time > request.erased.at ? { kind: 'begin_anew', request } : { kind: 'nothing' };
    case 'NOT_NEEDED':
      return time > request.updatedAt ? { kind: 'look', request } : { kind: 'nothing' };
    case 'DONE':
      if (request.membershipId !== undefined && time > request.updatedAt) return { kind: 'look', request };
      // The event of any other link is published by the task that made it.
      return request.poolLinkId !== undefined && request.earlierLinks.length === 0
        ? { kind: 'publish', request }
        : { kind: 'nothing' };
  }
}

/** A `failedAt` to come was written by a clock that was wrong, and says nothing: then it is tried once too often. */
function wasPostedAfter(failedAt: string, postedAt: string, nowMs: number): boolean {
  return postedAt >= failedAt || Date.parse(failedAt) > nowMs;
}
