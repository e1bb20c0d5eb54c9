import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { changeDocument, withWrites } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore, Write } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Collection } from '@paid-community/shared/platform/ports/topology-types.ts';

/** What a rebuild has written, or would write in a dry run. */
export interface Restored {
  readonly requests: number;
  readonly links: number;
  readonly joins: number;
  readonly ledger: number;
  /** Events of which nothing was missing. */
  readonly complete: number;
  /** Events of people whose data was erased: nothing of theirs comes back. */
  readonly erased: number;
}

export const nothing: Restored = { requests: 0, links: 0, joins: 0, ledger: 0, complete: 0, erased: 0 };

export function sum(parts: readonly Restored[]): Restored {
  return parts.reduce(
    (a, b) => ({
      requests: a.requests + b.requests,
      links: a.links + b.links,
      joins: a.joins + b.joins,
      ledger: a.ledger + b.ledger,
      complete: a.complete + b.complete,
      erased: a.erased + b.erased,
    }),
    nothing,
  );
}

/** The collections that a rebuild brings back, each with its name in the answer. */
const COUNTS: Readonly<Record<string, keyof Restored>> = {
  [inviteRequests.name]: 'requests',
  [inviteLinks.name]: 'links',
  [joins.name]: 'joins',
  [emissions.name]: 'ledger',
};

export const REBUILT = Object.keys(COUNTS);

/** What an event says that the store does not, as writes. */
export interface Restoration<T extends object> {
  /** The document that the restoration begins with; undefined when it stays as it is. */
  readonly document: T | undefined;
  /** What comes back with it. */
  readonly writes: readonly Write[];
  /** The request has another link than the event says, and keeps it. */
  readonly isConflicting?: boolean;
  /** The event is of a person whose data was erased. */
  readonly isErased?: boolean;
}

export const nothingMissing: Restoration<never> = { document: undefined, writes: [] };
export const erasedMeanwhile: Restoration<never> = { ...nothingMissing, isErased: true };

/** Writes what `look` finds missing, unless it is a dry run. It looks again when another writer was first. */
export async function restore<T extends object>(
  { store, dryRun }: { readonly store: DocumentStore; readonly dryRun: boolean },
  collection: Collection<T>,
  id: string,
  look: (known: T | undefined) => Promise<Restoration<T>>,
): Promise<Restoration<T> & { readonly restored: Restored }> {
  let restoration: Restoration<T> = nothingMissing;
  await changeDocument(store, collection, id, async (known) => {
    restoration = await look(known);
    return dryRun ? undefined : withWrites(restoration.document, restoration.writes);
  });
  return { ...restoration, restored: restoredBy(collection, restoration) };
}

function restoredBy(
  { name }: Collection<object>,
  { document, writes, isErased = false }: Restoration<object>,
): Restored {
  if (isErased) return { ...nothing, erased: 1 };
  if (document === undefined && writes.length === 0) return { ...nothing, complete: 1 };
  const created = writes.filter(({ kind }) => kind !== 'delete').map(({ collection }) => collection);
  const names = document === undefined ? created : [name, ...created];
  return sum(names.flatMap((each) => (COUNTS[each] === undefined ? [] : [{ ...nothing, [COUNTS[each]]: 1 }])));
}
