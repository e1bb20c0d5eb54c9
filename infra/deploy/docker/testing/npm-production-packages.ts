import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../assemble-service.ts';

/**
 * What npm itself installs in production when the repository holds only these workspaces: folder and version of each
 * package. npm works it out without network: all that it has to know is in the lock file.
 */
export async function npmProductionPackages(workspaces: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'npm-production-'));
  try {
    for (const file of ['package-lock.json', ...workspaces.map((workspace) => join(workspace, 'package.json'))]) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await copyFile(join(ROOT, file), join(folder, file));
    }
    const { name, version, overrides } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ name, version, private: true, workspaces, overrides }),
    );
    const parameters = [
      'install',
      '--package-lock-only',
      '--omit=dev',
      '--offline',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
    ];
    await promisify(execFile)('npm', parameters, { cwd: folder });
    const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version?: string; link?: boolean; dev?: boolean }>;
    };
    return new Map(
      Object.entries(lock.packages)
        .filter(
          ([location, entry]) =>
            location.split('/').includes('node_modules') && entry.link !== true && entry.dev !== true,
        )
        .map(([location, entry]) => [location, entry.version ?? '']),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
