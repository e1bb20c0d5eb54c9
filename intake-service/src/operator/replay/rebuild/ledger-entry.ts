import { expiryOf } from '@paid-community/shared/model/retention.ts';
import {
  emission,
  emissions,
  REBUILT_ANSWER,
  type EmittedEvent,
} from '@paid-community/shared/model/emissions/emission.ts';
import {
  createDocument,
  type DocumentStore,
  type Write,
} from '@paid-community/shared/platform/ports/document-store.ts';

export interface RestoreDeps {
  readonly store: DocumentStore;
  readonly retentionDays: number;
  /** Whether the event was acknowledged when the rebuild began: WebEngage has taken it. */
  readonly wasAcknowledged: (eventId: string) => Promise<boolean>;
}

/**
 * The entry that event-emitter made when WebEngage had taken the event; none when it is there, or nobody knows that it
 * was taken.
 */
export async function ledgerEntry(
  event: EmittedEvent,
  publishedAt: Date,
  { store, retentionDays, wasAcknowledged }: RestoreDeps,
): Promise<readonly Write[]> {
  const { eventId } = event;
  if ((await store.get(emissions, eventId)) !== undefined || !(await wasAcknowledged(eventId))) return [];
  const sentAt = publishedAt.toISOString();
  const entry = emission(event, { sentAt, answer: REBUILT_ANSWER, expiresAt: expiryOf(sentAt, retentionDays) });
  return [createDocument(emissions, eventId, entry)];
}
