import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
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
  sent: {
    readonly event: { readonly id: string };
    readonly eventName: string;
    readonly requestId: string;
    readonly publishedAt: Date;
  },
  { store, retentionDays, wasAcknowledged }: RestoreDeps,
): Promise<readonly Write[]> {
  const { event, eventName, requestId, publishedAt } = sent;
  if ((await store.get(emissions, event.id)) !== undefined || !(await wasAcknowledged(event.id))) return [];
  const sentAt = publishedAt.toISOString();
  const answer = { status: 0, body: 'rebuilt: the bus had the event acknowledged' };
  return [
    createDocument(emissions, event.id, {
      eventId: event.id,
      requestId,
      eventName,
      sentAt,
      answer,
      expiresAt: expiryOf(sentAt, retentionDays),
    }),
  ];
}
