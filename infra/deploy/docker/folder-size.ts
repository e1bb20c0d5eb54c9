import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes and number of the files in a folder; links count as nothing. */
export async function folderSize(folder: string): Promise<{ readonly bytes: number; readonly files: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  let bytes = 0;
  for (const file of files) bytes += (await lstat(file)).size;
  return { bytes, files: files.length };
}

export function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
