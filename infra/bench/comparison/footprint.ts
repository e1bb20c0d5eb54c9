import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes on disk of everything in a folder; a file that goes meanwhile counts nothing. */
export function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.blocks ?? 0;
  }
  return bytes * 512;
}

/** Of the processes and their children. What several of them share (PostgreSQL's buffers) counts once. */
export function memoryMiB(pids: readonly (number | undefined)[]): number {
  const family = new Set(pids.filter((pid) => pid !== undefined));
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry) && family.has(parentOf(entry))) family.add(Number(entry));
  }
  return [...family].reduce((sum, pid) => sum + proportionalKiB(pid), 0) / 1_024;
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in parentheses, may hold spaces. The parent is field 4.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    // It is gone.
    return 0;
  }
}

function proportionalKiB(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
}
