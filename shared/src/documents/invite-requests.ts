import type { Collection } from '../topology-types.ts';

/**
 * One purchase on its way to a link. QUEUED → DONE when the first attempt succeeds;
 * PROCESSING = an attempt failed and the next one is scheduled; FAILED = no attempts left, dead-lettered.
 */
export interface InviteRequest {
  readonly requestId: string;
  readonly userId: string;
  /** Empty when the purchase came without one. */
  readonly transactionId: string;
  readonly communityId: string;
  readonly status: 'QUEUED' | 'PROCESSING' | 'DONE' | 'FAILED';
  /** Calls to Telegram that were made and counted; a 429 is not counted. */
  readonly attempts: number;
  /** When intake accepted the purchase, ISO 8601 with milliseconds, UTC; so are the other times. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly traceparent: string;
  /** With DONE. */
  readonly inviteLink?: string | undefined;
  readonly telegramChatId?: string | undefined;
  readonly linkCreatedAt?: string | undefined;
  /** With PROCESSING and FAILED: why the last attempt failed. */
  readonly lastError?: { readonly code: string; readonly message: string } | undefined;
  /** With PROCESSING. */
  readonly nextAttemptAt?: string | undefined;
  /** See config/retention-settings.ts. */
  readonly expiresAt?: string | undefined;
}

/** Id: the requestId. */
export const inviteRequests: Collection<InviteRequest> = { name: 'invite_requests', writtenBy: 'link-worker', indexes: [], ttlField: 'expiresAt' };
