import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { emission, emissions, type EmittedEvent } from '@paid-community/shared/model/emissions/emission.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { WebEngageClient, WebEngageEvent } from '../webengage/client.ts';

export interface EmitDeps {
  readonly store: DocumentStore;
  readonly communities: Pick<KnownCommunities, 'get'>;
  readonly webEngage: WebEngageClient;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export type Emitted = 'sent' | 'already_sent';

/** What WebEngage is told, and which purchase or membership it is about. */
export interface ToldEvent extends Pick<EmittedEvent, 'requestId' | 'membershipId' | 'communityId'> {
  readonly event: WebEngageEvent;
}

/**
 * Sends an event unless the ledger says that it was sent; tells which it was. A crash between the POST and the ledger
 * entry means a second POST with the same x-request-id, which WebEngage drops within 4 hours.
 * @throws RetryableError, PermanentError as WebEngageClient.send; RetryableError when the ledger does not answer.
 */
export async function emitOnce(
  { event, ...about }: ToldEvent,
  { store, webEngage, retentionDays, clock, log }: Omit<EmitDeps, 'communities'>,
): Promise<Emitted> {
  const { eventId, eventName } = event;
  const { requestId, membershipId } = about;
  if ((await store.get(emissions, eventId)) !== undefined) {
    log.debug({ eventId, requestId, membershipId, outcome: 'already_sent' }, 'emission');
    return 'already_sent';
  }
  const startedAtMs = clock.monotonicMs();
  const answer = await webEngage.send(event);
  const sentAtMs = clock.now();
  const durationMs = Math.round(clock.monotonicMs() - startedAtMs);
  log.info({ eventId, requestId, membershipId, durationMs, outcome: 'sent' }, 'emission');
  const sent = { sentAt: new Date(sentAtMs).toISOString(), answer, expiresAt: expiryOf(sentAtMs, retentionDays) };
  const entry = emission({ ...about, eventId, eventName }, sent);
  try {
    // An entry that is there already is of another delivery at the same time: WebEngage has dropped one of the two.
    await createIfAbsent(store, emissions, eventId, entry);
  } catch (error) {
    throw new RetryableError('ledger_unavailable', 'The event was sent, but the ledger did not take it', {
      cause: error,
    });
  }
  return 'sent';
}
