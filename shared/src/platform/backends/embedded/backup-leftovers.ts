import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BACKUP_FOLDER, STORE_FILE } from './store-files.ts';

const UNFINISHED = '.unfinished';

export function unfinishedName(file: string): string {
  return `${file}${UNFINISHED}`;
}

/** Notes where a backup is written, for the process after one that died meanwhile. */
export function noteUnfinished(dataDir: string, unfinished: string): void {
  writeFileSync(noteOf(dataDir), unfinished, { mode: 0o600 });
}

/**
 * Removes what backups have left that did not come to their end: of this version anywhere, of earlier ones in the
 * folder of the backups.
 */
export function removeUnfinishedBackups(dataDir: string): void {
  const note = noteOf(dataDir);
  const folder = join(dataDir, BACKUP_FOLDER);
  const noted = existsSync(note) ? [readFileSync(note, 'utf8')].filter((file) => file.endsWith(UNFINISHED)) : [];
  const earlier = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(UNFINISHED))
    .map((name) => join(folder, name));
  try {
    for (const file of [...noted, ...earlier])
      for (const suffix of ['', '-journal']) rmSync(`${file}${suffix}`, { force: true });
  } catch {
    // Another disk, which takes no changes now. The note stays, and the next start or backup tries again.
    return;
  }
  rmSync(note, { force: true });
}

function noteOf(dataDir: string): string {
  return join(dataDir, `${STORE_FILE}.backup`);
}
