import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { eventNames } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joinGeneration, type InviteRequest } from '@paid-community/shared/model/links/request-states.ts';
import { join, type Join } from '@paid-community/shared/model/memberships/join.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import { MemberJoined, type MemberJoinedData } from '@paid-community/shared/model/memberships/member-joined.ts';
import { ledgerEntry, type RestoreDeps } from './ledger-entry.ts';
import { erasedMeanwhile, type Restoration } from './restored.ts';

/** What a MemberJoined event says that the store does not: the join, and the ledger entry. */
export async function lookAtJoin(
  event: DomainEvent<MemberJoinedData>,
  publishedAt: Date,
  known: Join | undefined,
  deps: RestoreDeps,
): Promise<Restoration<Join>> {
  const { store, retentionDays } = deps;
  const { requestId, communityId = DEFAULT_COMMUNITY, telegramUserId, inviteLink } = event.data;
  const told = { eventId: event.id, requestId, communityId, eventName: eventNames.memberJoined };
  const [read, ledger] = await Promise.all([
    store.get(inviteRequests, requestId),
    ledgerEntry(told, publishedAt, deps),
  ]);
  const request = read === undefined ? undefined : inviteRequestOf(read.data);
  if (isOfAnErasedLife(event.id, request)) return erasedMeanwhile;
  const joinedAt = event.time;
  const inviteLinkHash = inviteLinkId(inviteLink);
  const generation = joinGeneration(request);
  const rebuilt = join(
    { requestId, communityId, telegramUserId, joinedAt, inviteLinkHash, generation },
    { expiresAt: expiryOf(joinedAt, retentionDays) },
  );
  return { document: known === undefined ? rebuilt : undefined, writes: ledger };
}

function isOfAnErasedLife(eventId: string, request: InviteRequest | undefined): boolean {
  const times = request?.erased?.times ?? 0;
  return Array.from({ length: times }, (_, index) => MemberJoined.idOf(request?.requestId ?? '', index + 1)).includes(
    eventId,
  );
}
