import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StoreStartError } from './store-errors.ts';
import { makePrivateFile, moveDurably, STORE_FILE, syncFile, syncFolder } from './store-files.ts';

/**
 * Puts a new file into the place of the store. A process that dies at any step leaves the old store or the new one:
 *
 * 1. The new store is made as `store.db.restoring`, checked, and brought to stable storage. Until then the old one is
 * in use.
 * 2. `store.db.restore` is written: from now on the new one counts. It names what the old one is to be called.
 * 3. The old one and its log are moved away, the new one takes the place, `store.db.restore` is removed.
 *
 * The next opening of the store, under the lock, first finishes step 3.
 */
export interface RestoreFiles {
  readonly store: string;
  readonly incoming: string;
}

export function restoreFiles(dataDir: string): RestoreFiles {
  const store = join(dataDir, STORE_FILE);
  return { store, incoming: `${store}.restoring` };
}

/** Step 2: `incoming` is whole and on stable storage. */
export function decideRestore(dataDir: string, replaced: string): void {
  const journal = journalOf(dataDir);
  const draft = draftOf(journal);
  makePrivateFile(draft);
  writeFileSync(draft, basename(replaced));
  syncFile(draft);
  moveDurably(draft, journal);
}

/**
 * Step 3, or what is left of it; removes what an attempt has left that came no further than step 1. Call it under the
 * lock.
 */
export function finishRestore(dataDir: string): void {
  const { store, incoming } = restoreFiles(dataDir);
  const journal = journalOf(dataDir);
  if (existsSync(journal)) {
    const replaced = join(dataDir, basename(readFileSync(journal, 'utf8')));
    if (existsSync(incoming)) {
      // The log first: it must never lie beside the new store, which would take it for its own.
      if (existsSync(`${store}-wal`)) moveDurably(`${store}-wal`, `${replaced}-wal`);
      if (existsSync(store)) moveDurably(store, replaced);
      moveDurably(incoming, store);
    }
    rmSync(journal);
    syncFolder(dataDir);
  }
  rmSync(draftOf(journal), { force: true });
  // Without a store beside it, it is left by an earlier version, which moved the old store away first.
  if (existsSync(store)) discardIncoming(dataDir);
}

/** For a start that did not get the lock. */
export function isUnderWay(dataDir: string): boolean {
  return existsSync(restoreFiles(dataDir).incoming) || existsSync(journalOf(dataDir));
}

export function discardIncoming(dataDir: string): void {
  const { incoming } = restoreFiles(dataDir);
  for (const suffix of ['', '-wal', '-journal', '-shm']) rmSync(`${incoming}${suffix}`, { force: true });
}

/**
 * @throws StoreStartError when there is no store, but traces of one: an empty store would hide that something is
 * missing.
 */
export function refuseLostStore(dataDir: string): void {
  const { store, incoming } = restoreFiles(dataDir);
  const replaced = readdirSync(dataDir)
    .filter((name) => name.startsWith(`${STORE_FILE}.replaced-`) && !name.endsWith('-wal'))
    .sort()
    .at(-1);
  if (replaced !== undefined || existsSync(incoming)) {
    const back =
      replaced === undefined ? '' : `, or rename ${replaced} to ${STORE_FILE} to go back to what was there before`;
    throw new StoreStartError(
      'store_missing',
      `There is no ${store}: a restore was not finished. Run \`ops backup restore\` again${back}.`,
    );
  }
  if (existsSync(`${store}-wal`)) {
    throw new StoreStartError(
      'store_missing',
      `There is no ${store}, but its log ${STORE_FILE}-wal. Bring the store back, or move the log away to start empty.`,
    );
  }
}

function draftOf(journal: string): string {
  return `${journal}.draft`;
}

function journalOf(dataDir: string): string {
  return join(dataDir, `${STORE_FILE}.restore`);
}
