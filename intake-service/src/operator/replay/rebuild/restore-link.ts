import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { eventNames } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import {
  inviteRequests,
  joinGeneration,
  lastErasure,
  type InviteRequest,
} from '@paid-community/shared/model/links/invite-request.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { LinkCreatedData } from '@paid-community/shared/model/links/link-created.ts';
import { createDocument, updateDocument, type Write } from '@paid-community/shared/platform/ports/document-store.ts';
import { nothing, type Restoration } from './restored.ts';
import { ledgerEntry, type RestoreDeps } from './ledger-entry.ts';

/**
 * What a LinkCreated event says that the store does not: the request with its link, the link for join-tracker, the
 * ledger entry.
 */
export async function lookAtLink(
  event: DomainEvent<LinkCreatedData>,
  publishedAt: Date,
  deps: RestoreDeps,
): Promise<Restoration> {
  const { store, retentionDays } = deps;
  const { requestId, inviteLink, userId, transactionId, generation = 1 } = event.data;
  const [request, link, ledger] = await Promise.all([
    store.get(inviteRequests, requestId),
    store.get(inviteLinks, inviteLinkId(inviteLink)),
    ledgerEntry({ event, eventName: eventNames.linkCreated, requestId, publishedAt }, deps),
  ]);
  const known = request?.data;
  const erased = known === undefined ? undefined : lastErasure(known);
  if (erased !== undefined && generation <= erased.generation)
    return { restored: { ...nothing, erased: 1 }, writes: [] };
  const rebuilt = { ...rebuiltRequest(event, retentionDays), erased };
  const isBehind = known?.inviteLink === undefined || (known.generation ?? 1) < generation;
  const writes: Write[] = [...ledger];
  if (request === undefined) writes.push(createDocument(inviteRequests, requestId, rebuilt));
  else if (isBehind)
    writes.push(
      updateDocument(inviteRequests, request, {
        ...request.data,
        ...rebuilt,
        lastError: undefined,
        nextAttemptAt: undefined,
        failedAt: undefined,
        replaces: undefined,
      }),
    );
  const needsLink = link === undefined;
  if (needsLink)
    writes.push(
      createDocument(inviteLinks, inviteLinkId(inviteLink), {
        inviteLink,
        requestId,
        userId,
        transactionId,
        createdAt: event.time,
        expiresAt: rebuilt.expiresAt,
        ...(erased === undefined ? {} : { joinGeneration: joinGeneration(rebuilt) }),
      }),
    );
  const isConflicting = !isBehind && known.inviteLink !== inviteLink && (known.generation ?? 1) === generation;
  return {
    restored: {
      ...nothing,
      requests: isBehind ? 1 : 0,
      links: needsLink ? 1 : 0,
      ledger: ledger.length,
      complete: writes.length === 0 ? 1 : 0,
    },
    writes,
    ...(isConflicting ? { isConflicting } : {}),
  };
}

/** As link-worker left it when it published the event. Events of before it carried all of that get the usual values. */
function rebuiltRequest(
  { data, time, traceparent }: DomainEvent<LinkCreatedData>,
  retentionDays: number,
): InviteRequest {
  const {
    requestId,
    userId,
    transactionId,
    inviteLink,
    telegramChatId,
    communityId = 'default',
    createdAt = time,
    attempts = 1,
    generation,
    linkExpiresAt,
  } = data;
  return {
    ...{
      requestId,
      userId,
      transactionId,
      communityId,
      status: 'DONE',
      attempts,
      createdAt,
      updatedAt: time,
      traceparent,
      inviteLink,
      telegramChatId,
    },
    ...{ linkCreatedAt: time, linkExpiresAt, generation, expiresAt: expiryOf(createdAt, retentionDays) },
  };
}
