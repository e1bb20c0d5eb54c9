import { constants } from 'node:fs';
import { chmod, copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryImages {
  /** Far from the repository: nothing that a service could load is in a folder above. */
  readonly folder: string;
  /** A Node that every user may run; where the repository lies, other users may have no way in. */
  readonly node: string;
  /** Who runs the services: an ordinary user where we are root, since root may write anything; else ourselves. */
  readonly uid: number | undefined;
  remove(): Promise<void>;
}

export async function makeTemporaryImages(uid: number): Promise<TemporaryImages> {
  const folder = await mkdtemp(join(tmpdir(), 'images-'));
  await chmod(folder, 0o755);
  const node = join(folder, 'node');
  await copyFile(process.execPath, node, constants.COPYFILE_FICLONE);
  await chmod(node, 0o755);
  return {
    folder,
    node,
    uid: process.getuid?.() === 0 ? uid : undefined,
    remove: async () => {
      await setWritable(folder, true);
      await rm(folder, { recursive: true });
    },
  };
}

/** Like a root file system that is read-only: nothing can be changed, made or removed in it. */
export async function setWritable(folder: string, writable: boolean): Promise<void> {
  if (writable) await chmod(folder, 0o755);
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) {
    if (entry.isDirectory()) await setWritable(join(folder, entry.name), writable);
  }
  if (!writable) {
    // Files of others stay as they are: the folder is what keeps them from being replaced.
    for (const entry of entries) if (entry.isFile()) await chmod(join(folder, entry.name), 0o444);
    await chmod(folder, 0o555);
  }
}
