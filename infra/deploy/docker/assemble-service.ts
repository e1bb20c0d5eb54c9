import { cp, mkdir, readFile, readdir, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { productionPackages, type LockFile, type ProductionPackages } from './production-packages.ts';
import { isShippedFromPackage, isShippedFromWorkspace } from './shipped-files.ts';

/** The repository, with its dependencies installed. */
export const ROOT = join(import.meta.dirname, '../../..');

/**
 * Copies one service with what it needs in production, laid out as npm lays it out: its folder and shared's side by
 * side, the packages in node_modules, and a link from there to shared. Shared itself stays outside of node_modules,
 * where Node would not strip its types. Returns what was copied.
 * @throws when `out` holds something already, or a package is not installed.
 */
export async function assembleService(service: ServiceName, out: string, root = ROOT): Promise<ProductionPackages> {
  await mkdir(out, { recursive: true });
  if ((await readdir(out)).length > 0) throw new Error(`${out} is not empty`);
  const production = productionPackages(await readLockFile(root), service);
  for (const workspace of production.workspaces) {
    await copy(root, out, join(workspace, 'package.json'), () => true);
    await copy(root, out, join(workspace, 'src'), isShippedFromWorkspace);
  }
  // One after the other: a package may lie in the folder of another.
  for (const location of [...production.packages.keys()].sort()) await copy(root, out, location, isShippedFromPackage);
  for (const { location, target } of production.links) {
    const link = join(out, location);
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), join(out, target)), link);
  }
  return production;
}

async function copy(root: string, out: string, path: string, isShipped: (path: string) => boolean): Promise<void> {
  const source = join(root, path);
  await cp(source, join(out, path), { recursive: true, filter: (file) => file === source || isShipped(file) });
}

export async function readLockFile(folder: string): Promise<LockFile> {
  return JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as LockFile;
}
