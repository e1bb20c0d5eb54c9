// The wire as the outside sees it, written down here anew: a change of the services' own types must not change it
// unseen.

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const LINK_CREATED = 'pass_paid_community_telegram_link_created';
export const JOINED = 'pass_paid_community_telegram_joined';

/** `POST /v1/invite/request` takes this. */
export interface PurchaseBody {
  readonly userId: string;
  readonly transactionId?: string;
  readonly communityId?: string | undefined;
  readonly endsAt?: string;
}

/** `GET /v1/invite/requests/{requestId}` answers this. */
export interface RequestStatus {
  readonly ok: true;
  readonly requestId: string;
  readonly status: 'QUEUED' | 'PROCESSING' | 'DONE' | 'FAILED' | 'NOT_NEEDED' | 'ERASED';
  readonly attempts: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly nextAttemptAt?: string;
  readonly inviteLink?: string;
  readonly linkCreatedAt?: string;
  readonly weLinkEventFired: boolean;
  readonly linkEventSentAt?: string;
  readonly joinedAt?: string;
  readonly joinEventFired: boolean;
  readonly joinEventSentAt?: string;
  readonly lastError?: { readonly code: string; readonly message: string };
}

/** A purchase that was acknowledged. */
export interface Purchase {
  readonly requestId: string;
  readonly userId: string;
  /** Empty when it came without one. */
  readonly transactionId: string;
}

/** The name that a request's link carries in Telegram. */
export function linkNameOf(requestId: string): string {
  return requestId.replaceAll('-', '');
}

/** ms since the epoch of `yyyy-MM-ddTHH:mm:ss+0000`. */
export function parseEventTime(text: string | undefined): number {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+0000$/.test(text))
    throw new Error(`Not an event time: ${String(text)}`);
  return Date.parse(text.replace('+0000', 'Z'));
}

/** The codes of refusals, as the contract pairs them with statuses. A 500 is none that a test expects. */
export const statusOfCode: Readonly<Record<string, number>> = {
  invalid_request: 400,
  unauthorized: 401,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  headers_too_large: 431,
  unavailable: 503,
};
