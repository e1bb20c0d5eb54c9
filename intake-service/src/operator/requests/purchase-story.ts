import { deadLetters, type DeadLetter } from '@paid-community/shared/model/operations/dead-letter.ts';
import { emissions, type Emission } from '@paid-community/shared/model/emissions/emission.ts';
import { linksOf } from '@paid-community/shared/model/links/erase-request.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joinGeneration, type InviteRequest } from '@paid-community/shared/model/links/request-states.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { joins, type Join } from '@paid-community/shared/model/memberships/join.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { readDocumentsOf } from '../../purchases/purchase-documents.ts';

/** Everything that is recorded about one purchase. */
export interface PurchaseStory {
  readonly requestId: string;
  readonly request: InviteRequest | undefined;
  readonly join: Join | undefined;
  /** By generation, from the first. */
  readonly linkEvents: readonly (Emission | undefined)[];
  readonly joinEvent: Emission | undefined;
  readonly deadLetters: readonly Snapshot<DeadLetter>[];
}

/** Undefined when nothing is known of the purchase. */
export async function readPurchaseStory(requestId: string, store: DocumentStore): Promise<PurchaseStory | undefined> {
  const read = await store.get(inviteRequests, requestId);
  const request = read === undefined ? undefined : inviteRequestOf(read.data);
  const generations = request?.generation ?? 1;
  const lives = joinGeneration(request);
  const links = request === undefined ? [] : linksOf(request);
  const documents = await readDocumentsOf({ requestId, generations, lives, links }, topology.collections, store);
  const join = documents.of(joins)[0]?.data;
  const letters = documents.of(deadLetters);
  if (request === undefined && join === undefined && letters.length === 0) return undefined;
  const emitted = new Map(documents.of(emissions).map(({ id, data }) => [id, data]));
  return {
    requestId,
    request,
    join,
    joinEvent: emitted.get(MemberJoined.idOf(requestId, lives)),
    linkEvents: Array.from({ length: generations }, (_, index) => emitted.get(LinkCreated.idOf(requestId, index + 1))),
    deadLetters: letters,
  };
}
