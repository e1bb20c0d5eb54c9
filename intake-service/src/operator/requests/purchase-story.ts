import { deadLetterId, deadLetters, type DeadLetter } from '@paid-community/shared/model/operations/dead-letter.ts';
import { emissions, type Emission } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joinGeneration, type InviteRequest } from '@paid-community/shared/model/links/request-states.ts';
import { joins, type Join } from '@paid-community/shared/model/memberships/join.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { LinkExpired } from '@paid-community/shared/model/links/link-expired.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import {
  createdLinksForEventEmitter,
  joinedMembersForEventEmitter,
  purchasesForLinkWorker,
} from '@paid-community/shared/topology.ts';

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

/** Put together from ids that follow from the requestId; nothing is searched. Undefined when nothing is known of it. */
export async function readPurchaseStory(requestId: string, store: DocumentStore): Promise<PurchaseStory | undefined> {
  const read = await store.get(inviteRequests, requestId);
  const request = read === undefined ? undefined : inviteRequestOf(read.data);
  const joinEventId = MemberJoined.idOf(requestId, joinGeneration(request));
  const generations = Array.from({ length: request?.generation ?? 1 }, (_, index) => index + 1);
  const places: readonly (readonly [string, string])[] = [
    [purchasesForLinkWorker.name, PurchaseReceived.idOf(requestId)],
    [inviteQueue.name, requestId],
    ...generations.flatMap((generation) => [
      [createdLinksForEventEmitter.name, LinkCreated.idOf(requestId, generation)] as const,
      [purchasesForLinkWorker.name, LinkExpired.idOf(requestId, generation)] as const,
    ]),
    [joinedMembersForEventEmitter.name, joinEventId],
  ];
  const [join, joinEvent, linkEvents, letters] = await Promise.all([
    store.get(joins, requestId),
    store.get(emissions, joinEventId),
    Promise.all(generations.map((generation) => store.get(emissions, LinkCreated.idOf(requestId, generation)))),
    Promise.all(places.map(([source, fact]) => store.get(deadLetters, deadLetterId(source, fact)))),
  ]);
  const found = letters.filter((letter) => letter !== undefined);
  if (request === undefined && join === undefined && found.length === 0) return undefined;
  return {
    requestId,
    request,
    join: join?.data,
    joinEvent: joinEvent?.data,
    linkEvents: linkEvents.map((event) => event?.data),
    deadLetters: found,
  };
}
