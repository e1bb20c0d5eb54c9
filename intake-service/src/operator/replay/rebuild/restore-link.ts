import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { eventNames } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { joinGeneration, lastErasure, type InviteRequest } from '@paid-community/shared/model/links/invite-request.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { LinkCreatedData } from '@paid-community/shared/model/links/link-created.ts';
import { createDocument, type Write } from '@paid-community/shared/platform/ports/document-store.ts';
import { nothing, nothingMissing, type Restoration } from './restored.ts';
import { ledgerEntry, type RestoreDeps } from './ledger-entry.ts';

/**
 * What a LinkCreated event says that the store does not: the request with its link, the link for join-tracker, the
 * ledger entry.
 */
export async function lookAtLink(
  event: DomainEvent<LinkCreatedData>,
  publishedAt: Date,
  known: InviteRequest | undefined,
  deps: RestoreDeps,
): Promise<Restoration<InviteRequest>> {
  const { store, retentionDays } = deps;
  const { requestId, communityId = DEFAULT_COMMUNITY, inviteLink, userId, transactionId, generation = 1 } = event.data;
  const told = { eventId: event.id, requestId, communityId, eventName: eventNames.linkCreated };
  const [link, ledger] = await Promise.all([
    store.get(inviteLinks, inviteLinkId(inviteLink)),
    ledgerEntry(told, publishedAt, deps),
  ]);
  const erased = known === undefined ? undefined : lastErasure(known);
  if (erased !== undefined && generation <= erased.generation)
    return { ...nothingMissing, restored: { ...nothing, erased: 1 } };
  const rebuilt = { ...rebuiltRequest(event, retentionDays), erased };
  const isBehind = known?.inviteLink === undefined || (known.generation ?? 1) < generation;
  const writes: Write[] = [...ledger];
  const needsLink = link === undefined;
  if (needsLink)
    writes.push(
      createDocument(inviteLinks, inviteLinkId(inviteLink), {
        inviteLink,
        requestId,
        communityId,
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
      complete: !isBehind && writes.length === 0 ? 1 : 0,
    },
    document: isBehind ? broughtOn(known, rebuilt) : undefined,
    writes,
    isConflicting,
  };
}

function broughtOn(known: InviteRequest | undefined, rebuilt: InviteRequest): InviteRequest {
  if (known === undefined) return rebuilt;
  return {
    ...known,
    ...rebuilt,
    lastError: undefined,
    nextAttemptAt: undefined,
    failedAt: undefined,
    replaces: undefined,
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
    communityId = DEFAULT_COMMUNITY,
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
