import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { SERVICES } from '@paid-community/shared/topology.ts';
import { describeRevision, describeService } from './cloud-run-service.ts';
import { gcloudIn, type Gcloud } from './gcloud.ts';
import { CHANGED_USAGE, parsePlace, type Place } from './options.ts';
import { runCommand } from './run-command.ts';

const run = promisify(execFile);

/** What every image is made from, beside the folder of its service; the same list as .dockerignore lets through. */
const SHARED_PATHS = ['shared', 'package.json', 'package-lock.json', 'infra/package.json', 'infra/deploy/docker'];

/**
 * The services whose image would differ from the one that serves. The comparison is with the deployed image, not with
 * the last push: so a deploy that failed yesterday is done today. The receivers of an event come before its publisher,
 * so that they understand a new field before it is sent.
 */
async function changedServices(place: Place, gcloud: Gcloud): Promise<readonly ServiceName[]> {
  const downstreamFirst = SERVICES.toReversed();
  const changed = await Promise.all(
    downstreamFirst.map(async (service) => ((await isUnchanged(service, place, gcloud)) ? [] : [service])),
  );
  return changed.flat();
}

async function isUnchanged(service: ServiceName, place: Place, gcloud: Gcloud): Promise<boolean> {
  const { serving } = await describeService(gcloud, service, place);
  const [only, ...others] = serving;
  // A split that somebody left behind is made whole by a deploy.
  if (only === undefined || others.length > 0) return false;
  const { commit } = await describeRevision(gcloud, only.revision, place);
  return commit !== undefined && (await sameFiles(commit, [service, ...SHARED_PATHS]));
}

/** False also for a commit that is not in this clone: then nobody knows, and a deploy too many does no harm. */
async function sameFiles(commit: string, paths: readonly string[]): Promise<boolean> {
  try {
    await run('git', [
      'diff',
      '--quiet',
      commit,
      'HEAD',
      '--',
      ...paths,
      ':(exclude)**/*.test.ts',
      ':(exclude)**/*.faults.ts',
    ]);
    return true;
  } catch (error) {
    // 1 = they differ, 128 = unknown commit; anything else is git itself.
    if (isExit(error, 1) || isExit(error, 128)) return false;
    throw error;
  }
}

function isExit(error: unknown, code: number): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

await runCommand(CHANGED_USAGE, async (args) => {
  const place = parsePlace(args);
  process.stdout.write(`${JSON.stringify(await changedServices(place, gcloudIn(place)))}\n`);
});
