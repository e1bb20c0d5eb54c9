import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joinGeneration } from '@paid-community/shared/model/links/request-states.ts';
import { join, joins, unmatchedJoins } from '@paid-community/shared/model/memberships/join.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { LinkCreatedData } from '@paid-community/shared/model/links/link-created.ts';
import { MemberJoined, memberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { deleteDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { OperatorCall } from '../../http/operation.ts';
import { restoreEntry } from './restore-presence.ts';
import { nothing, nothingMissing, restore, type Restored } from './restored.ts';

/**
 * Somebody may have joined through this link while the store did not know it: after the documents came back, and before
 * this rebuild. join-tracker has kept that join as one that no link of ours explains, and Telegram will not send it
 * again. It is recorded as the purchase's, and told. A crash between the two is mended as that of any join:
 * join-tracker finds what was recorded and not told.
 */
export async function matchMissedJoin(
  { data, traceparent }: DomainEvent<LinkCreatedData>,
  dryRun: boolean,
  call: OperatorCall,
): Promise<Restored> {
  const { store, eventBus, clock, config } = call;
  const { requestId, communityId = DEFAULT_COMMUNITY, inviteLink } = data;
  const { documents } = await store.query({
    collection: unmatchedJoins,
    where: { inviteLink },
    orderBy: { field: 'joinedAt', direction: 'ascending' },
    limit: 1,
  });
  const [missed] = documents;
  if (missed === undefined) return nothing;
  const { telegramUserId, joinedAt } = missed.data;
  const read = await store.get(inviteRequests, requestId);
  const request = read === undefined ? undefined : inviteRequestOf(read.data);
  const generation = joinGeneration(request);
  const { restored, document } = await restore({ store, dryRun }, joins, requestId, (known) => {
    if (request?.status === 'ERASED' || known !== undefined) return Promise.resolve(nothingMissing);
    const recordedAtMs = clock.now();
    const matched = join(
      { requestId, communityId, telegramUserId, joinedAt, inviteLinkHash: inviteLinkId(inviteLink), generation },
      { recordedAtMs, expiresAt: expiryOf(recordedAtMs, config.RETENTION_DAYS) },
    );
    return Promise.resolve({ document: matched, writes: [deleteDocument(unmatchedJoins, missed.id)] });
  });
  if (document === undefined) return nothing;
  if (!dryRun) {
    await restoreEntry({ ...data, telegramUserId }, joinedAt, call);
    const purchase = { ...data, communityId };
    await MemberJoined.publish(eventBus, memberJoined(purchase, missed.data, generation, traceparent));
  }
  return restored;
}
