import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { changeDocument, withWrites } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { deadLetterId, deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import {
  emission,
  emissions,
  ERASED_ANSWER,
  erasedEmission,
  eventNames,
  isErasedEmission,
} from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { erased, linksOf } from '@paid-community/shared/model/links/erase-request.ts';
import {
  documentOf,
  inviteRequestOf,
  inviteRequests,
  type InviteRequestDocument,
} from '@paid-community/shared/model/links/invite-request.ts';
import { joins, joinWithoutPerson, unmatchedJoins } from '@paid-community/shared/model/memberships/join.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { LinkExpired } from '@paid-community/shared/model/links/link-expired.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import {
  createDocument,
  deleteDocument,
  updateDocument,
  type Write,
} from '@paid-community/shared/platform/ports/document-store.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import {
  createdLinksForEventEmitter,
  joinedMembersForEventEmitter,
  purchasesForLinkWorker,
} from '@paid-community/shared/topology.ts';
import type { OperatorCall } from '../../http/operation.ts';
import { nothingErased, sumErased, type Erased } from './erased.ts';

const PAGE = 100;

/**
 * Empties one request, and removes what hangs on it. A tombstone without personal data stays, and so do ledger entries,
 * also for events that were not sent yet: what Pub/Sub still holds finds them, and does nothing. `generation` is that
 * of a link that somebody knows of.
 */
export async function eraseRequest(requestId: string, call: OperatorCall, generation = 1): Promise<Erased> {
  let counted = nothingErased;
  await changeDocument(call.store, inviteRequests, requestId, async (document) => {
    const look = await lookAt(requestId, document, generation, call);
    counted = look.counted;
    // First, so that a process that is killed after it has said too much, and never too little.
    if (look.tombstone !== undefined || look.writes.length > 0)
      await call.administration.store.recordErasures([requestId]);
    return withWrites(look.tombstone, look.writes);
  });
  return counted;
}

/**
 * Joins of a Telegram user that no link of ours explains, and who it was that joined through the link of somebody else.
 * Those of `requestIds` go with their requests.
 */
export async function eraseJoinsOf(
  telegramUserId: string,
  requestIds: readonly string[],
  call: OperatorCall,
): Promise<Erased> {
  return sumErased([
    await emptyJoins(telegramUserId, requestIds, call),
    await eraseUnmatchedJoins(telegramUserId, call),
  ]);
}

// The purchase is another person's, and keeps its join.
async function emptyJoins(
  telegramUserId: string,
  requestIds: readonly string[],
  { store }: OperatorCall,
): Promise<Erased> {
  let emptied = 0;
  for (let cursor: string | undefined; ;) {
    const page = await store.query({
      collection: joins,
      where: { telegramUserId },
      orderBy: { field: 'joinedAt', direction: 'ascending' },
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const others = page.documents.filter(({ id }) => !requestIds.includes(id));
    await Promise.all(
      others.map((join) =>
        changeDocument(store, joins, join, (known) => (known === undefined ? undefined : joinWithoutPerson(known))),
      ),
    );
    emptied += others.length;
    cursor = page.nextCursor;
    if (cursor === undefined) return { ...nothingErased, joins: emptied };
  }
}

async function eraseUnmatchedJoins(telegramUserId: string, { store }: OperatorCall): Promise<Erased> {
  let removed = 0;
  for (;;) {
    const { documents } = await store.query({
      collection: unmatchedJoins,
      where: { telegramUserId },
      orderBy: { field: 'joinedAt', direction: 'ascending' },
      limit: PAGE,
    });
    if (documents.length === 0) return { ...nothingErased, unmatchedJoins: removed };
    await store.commit(documents.map(({ id }) => deleteDocument(unmatchedJoins, id)));
    removed += documents.length;
  }
}

interface Look {
  readonly counted: Erased;
  /** Undefined when the request is one already. */
  readonly tombstone: InviteRequestDocument | undefined;
  readonly writes: readonly Write[];
}

async function lookAt(
  requestId: string,
  document: InviteRequestDocument | undefined,
  knownGeneration: number,
  { store, clock, config }: OperatorCall,
): Promise<Look> {
  const join = await store.get(joins, requestId);
  const request = document === undefined ? undefined : inviteRequestOf(document);
  const generation = Math.max(request?.generation ?? 1, knownGeneration);
  const nowMs = clock.now();
  const now = new Date(nowMs).toISOString();
  const expiresAt = expiryOf(now, config.RETENTION_DAYS);
  const tombstone = erased(requestId, request, { nowMs, generation, expiresAt });
  const lives = tombstone.erased.times;
  const isErased = tombstone === request;
  const links = request === undefined ? [] : linksOf(request);
  const linkEvents = Array.from({ length: generation }, (_, index) => LinkCreated.idOf(requestId, index + 1));
  const joinEvents = Array.from({ length: lives }, (_, index) => MemberJoined.idOf(requestId, index + 1));
  const writes: Write[] = links.map((link) => deleteDocument(inviteLinks, inviteLinkId(link)));
  if (join !== undefined) writes.push(deleteDocument(joins, requestId));
  let ledgerEntries = 0;
  for (const eventId of [...linkEvents, ...joinEvents]) {
    const eventName = joinEvents.includes(eventId) ? eventNames.memberJoined : eventNames.linkCreated;
    const entry = await store.get(emissions, eventId);
    if (entry === undefined) {
      const event = { eventId, requestId, communityId: request?.communityId, eventName };
      const never = emission(event, { sentAt: now, answer: ERASED_ANSWER, expiresAt });
      writes.push(createDocument(emissions, eventId, never));
    } else if (!isErasedEmission(entry.data)) {
      writes.push(updateDocument(emissions, entry, erasedEmission(entry.data)));
      ledgerEntries += 1;
    }
  }
  const letters = await lettersOf(requestId, generation, [...linkEvents, ...joinEvents], store);
  writes.push(...letters.map((id) => deleteDocument(deadLetters, id)));
  return {
    counted: {
      ...nothingErased,
      requests: request === undefined || isErased ? 0 : 1,
      links: links.length,
      joins: join === undefined ? 0 : 1,
      ledgerEntries,
      deadLetters: letters.length,
    },
    tombstone: isErased ? undefined : documentOf(tombstone),
    writes,
  };
}

async function lettersOf(
  requestId: string,
  generation: number,
  eventIds: readonly string[],
  store: OperatorCall['store'],
): Promise<readonly string[]> {
  const facts = [
    [purchasesForLinkWorker.name, PurchaseReceived.idOf(requestId)],
    [inviteQueue.name, requestId],
    ...Array.from({ length: generation }, (_, index) => [
      purchasesForLinkWorker.name,
      LinkExpired.idOf(requestId, index + 1),
    ]),
    ...eventIds.flatMap((id) => [
      [createdLinksForEventEmitter.name, id],
      [joinedMembersForEventEmitter.name, id],
    ]),
  ];
  const ids = facts.map(([source = '', fact = '']) => deadLetterId(source, fact));
  const found = await Promise.all(ids.map((id) => store.get(deadLetters, id)));
  return ids.filter((_, index) => found[index] !== undefined);
}
