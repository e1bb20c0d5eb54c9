import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { eventNames } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinkId, inviteLinkOf, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import {
  documentOf,
  inviteRequestOf,
  type InviteRequestDocument,
} from '@paid-community/shared/model/links/invite-request.ts';
import { rebuilt } from '@paid-community/shared/model/links/rebuild-request.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { LinkCreatedData } from '@paid-community/shared/model/links/link-created.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { erasedMeanwhile, type Restoration } from './restored.ts';
import { ledgerEntry, type RestoreDeps } from './ledger-entry.ts';

/**
 * What a LinkCreated event says that the store does not: the request with its link, the link for join-tracker, the
 * ledger entry.
 */
export async function lookAtLink(
  event: DomainEvent<LinkCreatedData>,
  publishedAt: Date,
  document: InviteRequestDocument | undefined,
  deps: RestoreDeps,
): Promise<Restoration<InviteRequestDocument>> {
  const { store, retentionDays } = deps;
  const { requestId, communityId = DEFAULT_COMMUNITY, inviteLink, createdAt = event.time } = event.data;
  const emitted = { eventId: event.id, requestId, communityId, eventName: eventNames.linkCreated };
  const [link, ledger] = await Promise.all([
    store.get(inviteLinks, inviteLinkId(inviteLink)),
    ledgerEntry(emitted, publishedAt, deps),
  ]);
  const known = document === undefined ? undefined : inviteRequestOf(document);
  const found = rebuilt(known, event, expiryOf(createdAt, retentionDays));
  if (found === undefined) return erasedMeanwhile;
  const { told, request, isConflicting } = found;
  const links = link === undefined ? [createDocument(inviteLinks, inviteLinkId(inviteLink), inviteLinkOf(told))] : [];
  return {
    document: request === known ? undefined : documentOf(request),
    writes: [...ledger, ...links],
    isConflicting,
  };
}
