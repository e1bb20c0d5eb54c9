import { eventNames } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { LinkExpired } from '@paid-community/shared/model/links/link-expired.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { deadLetterId } from '@paid-community/shared/model/operations/dead-letter.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Collection, Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { topology } from '@paid-community/shared/topology.ts';

/** What the ids of a purchase's documents and events are made of. */
export interface PurchaseNumbers {
  readonly requestId: string;
  /** How many links it has had, with the present one. */
  readonly generations: number;
  /** Number of the present life's join; see joinGeneration. */
  readonly lives: number;
  readonly links: readonly string[];
}

export interface PurchaseEvent {
  readonly id: string;
  readonly topic: Topic;
  /** What WebEngage knows it as; undefined when it is not told. */
  readonly eventName?: string;
}

/** Every event that there may be about a purchase, in the order of its life. */
export function eventsOf({ requestId, generations, lives }: PurchaseNumbers): readonly PurchaseEvent[] {
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
  return [
    { id: PurchaseReceived.idOf(requestId), topic: PurchaseReceived.topic },
    ...upTo(generations).flatMap((generation) => [
      { id: LinkCreated.idOf(requestId, generation), topic: LinkCreated.topic, eventName: eventNames.linkCreated },
      { id: LinkExpired.idOf(requestId, generation), topic: LinkExpired.topic },
    ]),
    ...upTo(lives).map((life) => ({
      id: MemberJoined.idOf(requestId, life),
      topic: MemberJoined.topic,
      eventName: eventNames.memberJoined,
    })),
  ];
}

/**
 * The ids of a purchase's documents, by what a collection is keyed by. They follow from the purchase; nothing is
 * searched. A collection that is keyed by something else holds nothing that is found by a purchase.
 */
export function idsOf(purchase: PurchaseNumbers): Readonly<Record<string, readonly string[]>> {
  const events = eventsOf(purchase);
  const letters = events.map(({ id, topic }) =>
    topology.subscriptions.filter((each) => each.topic === topic).map(({ name }) => deadLetterId(name, id)),
  );
  const tasks = topology.queues.map(({ name }) => deadLetterId(name, purchase.requestId));
  return {
    requestId: [purchase.requestId],
    grantId: [purchase.requestId],
    inviteLink: purchase.links.map(inviteLinkId),
    eventId: events.map(({ id }) => id),
    // The task comes after the purchase, and before all else.
    failedFact: letters.toSpliced(1, 0, tasks).flat(),
  };
}

const PURCHASE_KEYS = Object.keys(idsOf({ requestId: '', generations: 1, lives: 1, links: [] }));

/** Whether the documents of a collection are found by the purchase that they are about. */
export function isKeyedByPurchase({ keyedBy }: Collection<object>): boolean {
  return PURCHASE_KEYS.includes(keyedBy);
}

/** What the store has about a purchase in these collections. */
export async function readDocumentsOf(
  purchase: PurchaseNumbers,
  collections: readonly Collection<object>[],
  store: DocumentStore,
): Promise<PurchaseDocuments> {
  const ids = idsOf(purchase);
  const found = await Promise.all(
    collections.map(async (collection) => {
      const read = await Promise.all((ids[collection.keyedBy] ?? []).map((id) => store.get(collection, id)));
      return [collection.name, read.filter((document) => document !== undefined)] as const;
    }),
  );
  return new PurchaseDocuments(new Map(found));
}

class PurchaseDocuments {
  readonly #byCollection: ReadonlyMap<string, readonly Snapshot<object>[]>;

  constructor(byCollection: ReadonlyMap<string, readonly Snapshot<object>[]>) {
    this.#byCollection = byCollection;
  }

  of<T extends object>({ name }: Collection<T>): readonly Snapshot<T>[] {
    return (this.#byCollection.get(name) ?? []) as readonly Snapshot<T>[];
  }
}
