import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { BUILD_USAGE, parseBuildOptions, type BuildOptions } from './options.ts';
import { runCommand } from './run-command.ts';

const run = promisify(execFile);

/**
 * Makes the image of one service at one commit, once: what staging has run is, by digest, what production gets. Returns
 * the image by digest.
 */
async function buildImage({ service, repository, commit }: BuildOptions): Promise<string> {
  const image = `${repository}/${service}`;
  const known = await digestOf(image, commit);
  if (known !== undefined) return `${image}@${known}`;
  await docker(
    'build',
    '--file',
    'infra/deploy/docker/Dockerfile',
    '--platform',
    'linux/amd64',
    '--build-arg',
    `SERVICE=${service}`,
    '--tag',
    `${image}:${commit}`,
    '.',
  );
  await docker('push', `${image}:${commit}`);
  const pushed = await digestOf(image, commit);
  if (pushed === undefined) throw new Error(`${image}:${commit} was pushed, but the registry does not know it`);
  return `${image}@${pushed}`;
}

/**
 * Undefined for a tag that the registry does not have. Asks the registry alone: `images describe` asks Service Usage as
 * well, whether images are scanned, and fails where the caller has no role for that.
 */
async function digestOf(image: string, tag: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('gcloud', ['artifacts', 'docker', 'tags', 'list', image, '--format=json', '--quiet'], {
      maxBuffer: 64 * 1024 * 1024,
    });
    const tags = JSON.parse(stdout) as readonly { readonly tag: string; readonly version: string }[];
    // Both are full names of resources: projects/…/tags/<tag>, projects/…/versions/sha256:<digest>.
    const found = tags.find((candidate) => candidate.tag.endsWith(`/tags/${tag}`));
    return found?.version.slice(found.version.lastIndexOf('/') + 1);
  } catch (error) {
    if (error instanceof Error && 'stderr' in error && /not found|NOT_FOUND/i.test(String(error.stderr)))
      return undefined;
    throw error;
  }
}

/** Standard output is kept for the digest: what docker prints goes to standard error. */
async function docker(...args: readonly string[]): Promise<void> {
  const child = spawn('docker', args, { stdio: ['ignore', process.stderr, process.stderr] });
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  if (exitCode !== 0) throw new Error(`docker ${args[0] ?? ''} failed`);
}

await runCommand(BUILD_USAGE, async (args) => {
  process.stdout.write(`${await buildImage(parseBuildOptions(args))}\n`);
});
