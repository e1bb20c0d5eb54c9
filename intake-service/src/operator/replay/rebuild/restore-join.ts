import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { eventNames } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests, lastErasure, type InviteRequest } from '@paid-community/shared/model/links/invite-request.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import { MemberJoined, type MemberJoinedData } from '@paid-community/shared/model/memberships/member-joined.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { ledgerEntry, type RestoreDeps } from './ledger-entry.ts';
import { nothing, type Restoration } from './restored.ts';

/** What a MemberJoined event says that the store does not: the join, and the ledger entry. */
export async function lookAtJoin(
  event: DomainEvent<MemberJoinedData>,
  publishedAt: Date,
  deps: RestoreDeps,
): Promise<Restoration> {
  const { store, retentionDays } = deps;
  const { requestId, telegramUserId, inviteLink } = event.data;
  const [request, join, ledger] = await Promise.all([
    store.get(inviteRequests, requestId),
    store.get(joins, requestId),
    ledgerEntry({ event, eventName: eventNames.memberJoined, requestId, publishedAt }, deps),
  ]);
  if (isOfAnErasedLife(event.id, request?.data)) return { restored: { ...nothing, erased: 1 }, writes: [] };
  const joinedAt = event.time;
  const missing =
    join === undefined
      ? [
          createDocument(joins, requestId, {
            requestId,
            telegramUserId,
            joinedAt,
            inviteLinkHash: inviteLinkId(inviteLink),
            expiresAt: expiryOf(joinedAt, retentionDays),
          }),
        ]
      : [];
  const writes = [...missing, ...ledger];
  return {
    restored: { ...nothing, joins: missing.length, ledger: ledger.length, complete: writes.length === 0 ? 1 : 0 },
    writes,
  };
}

function isOfAnErasedLife(eventId: string, request: InviteRequest | undefined): boolean {
  const { times } = (request === undefined ? undefined : lastErasure(request)) ?? { times: 0 };
  return Array.from({ length: times }, (_, index) => MemberJoined.idOf(request?.requestId ?? '', index + 1)).includes(
    eventId,
  );
}
