import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import {
  emission,
  emissions,
  ERASED_ANSWER,
  erasedEmission,
  isErasedEmission,
} from '@paid-community/shared/model/emissions/emission.ts';
import { erased, linksOf, usableLinksOf } from '@paid-community/shared/model/links/erase-request.ts';
import {
  documentOf,
  inviteRequestOf,
  inviteRequests,
  type InviteRequestDocument,
} from '@paid-community/shared/model/links/invite-request.ts';
import { retired, retiredOutsidePool } from '@paid-community/shared/model/links/pool-life.ts';
import { poolLinks, retiringLinkId } from '@paid-community/shared/model/links/pool-link.ts';
import type { InviteRequest } from '@paid-community/shared/model/links/request-states.ts';
import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { changeDocument, withWrites } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import {
  createDocument,
  deleteDocument,
  updateDocument,
  type DocumentStore,
  type Write,
} from '@paid-community/shared/platform/ports/document-store.ts';
import type { Collection } from '@paid-community/shared/platform/ports/topology-types.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { eventsOf, readDocumentsOf, type PurchaseNumbers } from '../../../purchases/purchase-documents.ts';
import type { OperatorCall } from '../../http/operation.ts';
import { sumErased, type Erased } from './erased.ts';

/** Writes that erase something, and how many documents of each collection lose something by them. */
interface Erasing {
  readonly erased: Erased;
  readonly writes: readonly Write[];
}

/**
 * Empties one request, and removes what hangs on it. A tombstone without personal data stays, and so do ledger entries,
 * also for events that were not sent yet: what Pub/Sub still holds finds them, and does nothing. `generation` is that
 * of a link that somebody knows of.
 */
export async function eraseRequest(requestId: string, call: OperatorCall, generation = 1): Promise<Erased> {
  let counted: Erased = {};
  await changeDocument(call.store, inviteRequests, requestId, async (document) => {
    const erasing = await planErasure(requestId, document, generation, call);
    counted = erasing.erased;
    // First, so that a process that is killed after it has said too much, and never too little.
    if (erasing.tombstone !== undefined || erasing.writes.length > 0)
      await call.administration.store.recordErasures([requestId]);
    return withWrites(erasing.tombstone, erasing.writes);
  });
  return counted;
}

/** `tombstone` is undefined when the request is one already. */
async function planErasure(
  requestId: string,
  document: InviteRequestDocument | undefined,
  knownGeneration: number,
  { store, clock, config }: OperatorCall,
): Promise<Erasing & { readonly tombstone: InviteRequestDocument | undefined }> {
  const request = document === undefined ? undefined : inviteRequestOf(document);
  const nowMs = clock.now();
  const expiresAt = expiryOf(nowMs, config.RETENTION_DAYS);
  const generation = Math.max(request?.generation ?? 1, knownGeneration);
  const tombstone = erased(requestId, request, { nowMs, generation, expiresAt });
  const purchase = {
    requestId,
    communityId: request?.communityId ?? DEFAULT_COMMUNITY,
    generations: generation,
    lives: tombstone.erased.times,
    links: request === undefined ? [] : linksOf(request),
  };
  const removed = await planRemoval(purchase, topology.collections, store);
  const revocation = request === undefined ? [] : await planRevocation(request, { nowMs, expiresAt }, store);
  const emptied = await planEmptyLedger(purchase, { sentAt: new Date(nowMs).toISOString(), expiresAt }, store);
  const isErased = tombstone === request;
  const requests = { [inviteRequests.name]: request === undefined || isErased ? 0 : 1 };
  return {
    erased: sumErased([requests, removed.erased, emptied.erased]),
    tombstone: isErased ? undefined : documentOf(tombstone),
    writes: [...removed.writes, ...revocation, ...emptied.writes],
  };
}

/** The purchase's documents in the collections that declare that an erasure deletes them. */
export async function planRemoval(
  purchase: PurchaseNumbers,
  collections: readonly Collection<object>[],
  store: DocumentStore,
): Promise<Erasing> {
  const deleted = collections.filter(({ onErasure }) => onErasure === 'delete');
  const documents = await readDocumentsOf(purchase, deleted, store);
  return {
    erased: Object.fromEntries(deleted.map((collection) => [collection.name, documents.of(collection).length])),
    writes: deleted.flatMap((collection) => documents.of(collection).map(({ id }) => deleteDocument(collection, id))),
  };
}

/**
 * Nobody is to come in by the links of the purchase any more: link-worker revokes them, and forgets them then. What the
 * pool still knows of a link that was replaced goes the same way.
 */
async function planRevocation(
  request: InviteRequest,
  { nowMs, expiresAt }: { readonly nowMs: number; readonly expiresAt: string },
  store: DocumentStore,
): Promise<readonly Write[]> {
  const { communityId, telegramChatId, poolLinkId } = request;
  const known = poolLinkId === undefined ? undefined : await store.get(poolLinks, poolLinkId);
  const pooled = known?.data.state === 'TAKEN' ? known.data : undefined;
  const ofPool =
    known === undefined || pooled === undefined
      ? []
      : [updateDocument(poolLinks, known, retired(pooled, 'erased', nowMs))];
  const others = usableLinksOf(request).filter(({ inviteLink }) => inviteLink !== pooled?.inviteLink);
  const plans = others.map(async ({ inviteLink, botId, createdAt: madeAt }): Promise<readonly Write[]> => {
    const id = retiringLinkId(inviteLink);
    const link = { communityId, inviteLink, botId, telegramChatId, madeAt };
    const retiring = retiredOutsidePool(link, { because: 'erased', expiresAt, nowMs });
    return (await store.get(poolLinks, id)) === undefined ? [createDocument(poolLinks, id, retiring)] : [];
  });
  return [...ofPool, ...(await Promise.all(plans)).flat()];
}

/** Entries of what was sent lose the words of WebEngage. What was not sent gets an entry, so that it never is. */
async function planEmptyLedger(
  purchase: PurchaseNumbers & { readonly communityId: string },
  never: { readonly sentAt: string; readonly expiresAt: string },
  store: DocumentStore,
): Promise<Erasing> {
  const { requestId, communityId } = purchase;
  const plans = await Promise.all(
    eventsOf(purchase).map(async ({ id: eventId, eventName }): Promise<readonly Write[]> => {
      if (eventName === undefined) return [];
      const entry = await store.get(emissions, eventId);
      if (entry !== undefined)
        return isErasedEmission(entry.data) ? [] : [updateDocument(emissions, entry, erasedEmission(entry.data))];
      const event = { eventId, requestId, communityId, eventName };
      return [createDocument(emissions, eventId, emission(event, { ...never, answer: ERASED_ANSWER }))];
    }),
  );
  const writes = plans.flat();
  return { erased: { [emissions.name]: writes.filter(({ kind }) => kind === 'update').length }, writes };
}
