import { isDeepStrictEqual } from 'node:util';
import type { MoveRecord } from '@paid-community/shared/platform/backends/embedded/move-record.ts';
import type { DocumentPage, StoppedStore } from '@paid-community/shared/platform/backends/embedded/stopped-store.ts';
import type { FirestoreImport } from '@paid-community/shared/platform/backends/gcp/firestore-import.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { Collection } from '@paid-community/shared/platform/ports/topology-types.ts';
import { inOrder, keepTrying, type WritePace } from './pace.ts';
import { movedCollections, theirsWins } from './what-moves.ts';

/** Pages of 200 that are on their way at once. */
const PAGES_AT_ONCE = 4;
/** So many are no accident: this is not the place that the store belongs to. */
const MOST_CONFLICTS = 1_000;

export interface DocumentDeps {
  readonly store: StoppedStore;
  readonly target: FirestoreImport;
  readonly clock: Clock;
  readonly progress: (documents: number) => void;
}

/**
 * Creates what is not there, and writes down how far it came. What somebody else has written there stays, and is noted
 * when it differs.
 */
export async function moveDocuments(
  record: MoveRecord,
  {
    store,
    target,
    clock,
    progress,
    pace,
    save,
  }: DocumentDeps & { readonly pace: WritePace | undefined; readonly save: (record: MoveRecord) => void },
): Promise<void> {
  for (const collection of movedCollections) {
    await inOrder(
      store.documents(collection, record.documents[collection.name]),
      PAGES_AT_ONCE,
      async (page) => {
        await pace?.turn(page.rows.length);
        const differing = await keepTrying(() => movePage(collection, page, target), clock);
        record.conflicts = [...new Set([...record.conflicts, ...differing.map((id) => `${collection.name}/${id}`)])];
        if (record.conflicts.length > MOST_CONFLICTS) {
          throw new Error(
            `More than ${MOST_CONFLICTS} documents are there already with another content, ${record.conflicts[0] ?? ''} for one. Is this the project that the store belongs to? Messages and tasks were not moved`,
          );
        }
      },
      ({ rows, expired, upTo }) => {
        record.documents[collection.name] = upTo;
        save(record);
        progress(rows.length + expired);
      },
    );
  }
}

/** @returns the ids of what is there with another content, written by somebody else. */
async function movePage(
  collection: Collection<object>,
  { rows }: DocumentPage,
  target: FirestoreImport,
): Promise<readonly string[]> {
  const existing = new Set(await target.create(collection, rows));
  const found = await target.find(collection, [...existing]);
  const other = rows.flatMap((row) => {
    const theirs = found.get(row.id);
    return theirs === undefined || isDeepStrictEqual(theirs.data, row.data) ? [] : [{ ...row, theirs }];
  });
  // Of a move that was given up: this store went on after it, and nobody there has touched it.
  const ours = other
    .filter(({ theirs }) => theirs.isOurs)
    .map(({ theirs, ...row }) => ({ ...row, ifVersion: theirs.version }));
  const notReplaced = await target.replace(collection, ours);
  if (theirsWins(collection)) return [];
  return [...other.filter(({ theirs }) => !theirs.isOurs).map(({ id }) => id), ...notReplaced];
}

/**
 * A collection on both sides; `there` is how many of its documents are. `goneOn` = changed there since it was moved;
 * `kept` = theirs, which is right.
 */
export interface ComparedCollection {
  readonly collection: string;
  readonly here: number;
  readonly expired: number;
  readonly there: number;
  readonly same: number;
  readonly goneOn: number;
  readonly kept: number;
  readonly conflicts: readonly string[];
  readonly missing: readonly string[];
}

/** Reads everything on both sides; writes nothing. */
export async function compareDocuments(
  { conflicts }: MoveRecord,
  { store, target, clock, progress }: DocumentDeps,
): Promise<readonly ComparedCollection[]> {
  const known = new Set(conflicts);
  const compared: ComparedCollection[] = [];
  for (const collection of movedCollections) {
    const { name } = collection;
    const counts = { here: 0, expired: 0, same: 0, goneOn: 0, kept: 0 };
    const lists = { conflicts: [] as string[], missing: [] as string[] };
    await inOrder(
      store.documents(collection),
      PAGES_AT_ONCE,
      async ({ rows }) => {
        const found = await keepTrying(
          () =>
            target.find(
              collection,
              rows.map(({ id }) => id),
            ),
          clock,
        );
        for (const { id, data } of rows) {
          const theirs = found.get(id);
          if (theirs === undefined) lists.missing.push(id);
          else if (isDeepStrictEqual(theirs.data, data)) counts.same += 1;
          else if (theirsWins(collection)) counts.kept += 1;
          else if (known.has(`${name}/${id}`)) lists.conflicts.push(id);
          else counts.goneOn += 1;
        }
      },
      ({ rows, expired }) => {
        counts.here += rows.length;
        counts.expired += expired;
        progress(rows.length + expired);
      },
    );
    compared.push({ collection: name, ...counts, ...lists, there: counts.here - lists.missing.length });
  }
  return compared;
}
