import { ConflictError } from '@paid-community/shared/platform/delivery/errors.ts';
import type { DocumentStore, Write } from '@paid-community/shared/platform/ports/document-store.ts';

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

export interface Restoration {
  readonly restored: Restored;
  readonly writes: readonly Write[];
  /** The request has another link than the event says, and keeps it. */
  readonly isConflicting?: true;
}

const MAX_CONFLICTS = 5;

/** Looks what is missing and writes that, once more when somebody else has written meanwhile. */
export async function restore(
  store: DocumentStore,
  dryRun: boolean,
  look: () => Promise<Restoration>,
): Promise<Restoration> {
  for (let conflicts = 0; ; conflicts += 1) {
    const restoration = await look();
    if (dryRun || restoration.writes.length === 0) return restoration;
    try {
      await store.commit(restoration.writes);
      return restoration;
    } catch (error) {
      if (!(error instanceof ConflictError) || conflicts >= MAX_CONFLICTS) throw error;
    }
  }
}
