import {
  describeRevision,
  describeService,
  followLatest,
  makeRevision,
  removeTag,
  setTraffic,
  tagRevision,
  type TrafficShare,
} from './cloud-run-service.ts';
import { gcloudIn, type Gcloud } from './gcloud.ts';
import { DEPLOY_USAGE, parseDeployOptions, type DeployOptions } from './options.ts';
import { requestsOf, whyUnhealthy, type RevisionRequests } from './revision-health.ts';
import { runCommand } from './run-command.ts';
import { SERVING_TAG_PREFIX } from './serving-tag.ts';

const CANARY_TAG = 'canary';
const LOOK_EVERY_MS = 30_000;
const READY_TIMEOUT_MS = 30_000;

interface Surroundings {
  readonly gcloud: Gcloud;
  readonly say: (line: string) => void;
  /** Aborts when the run is cancelled: the traffic goes back all the same. */
  readonly signal: AbortSignal;
}

/**
 * Replaces the image of one service: a new revision without traffic, a look at it, a watched share of the traffic, then
 * all of it. Any failure puts the traffic back where it was, and throws. It also makes the old image the service's own
 * again: so the next secret or setting makes a revision of it that serves.
 */
async function deployService(options: DeployOptions, surroundings: Surroundings): Promise<void> {
  const { service, image, commit, canaryPercent } = options;
  const { gcloud, say } = surroundings;
  const before = await describeService(gcloud, service, options);
  say(`${service}: ${before.serving.map(sharesText).join(', ') || 'no revision'} serves now`);
  try {
    await makeRevision(gcloud, service, image, commit, options);
    const { latestReadyRevision: revision } = await describeService(gcloud, service, options);
    if (revision === undefined || before.serving.some((share) => share.revision === revision))
      throw new Error('the new revision did not become ready');
    say(`${service}: ${revision} is ready`);
    if (before.serving.length > 0) {
      await tagRevision(gcloud, service, CANARY_TAG, revision, options);
      await checkReady((await describeService(gcloud, service, options)).tagUrls.get(CANARY_TAG), say);
      await setTraffic(
        gcloud,
        service,
        [{ revision, percent: canaryPercent }, ...scaled(before.serving, 100 - canaryPercent)],
        options,
      );
      say(`${service}: ${revision} gets ${canaryPercent} %`);
      await watch(revision, before.serving, options, surroundings);
    }
    await followLatest(gcloud, service, options);
    say(`${service}: ${revision} gets all requests`);
  } catch (error) {
    if (before.serving.length > 0) await rollBack(before.serving, options, surroundings);
    throw error;
  }
  if (before.serving.length > 0) await removeTag(gcloud, service, CANARY_TAG, options);
  await keepImage(options, gcloud);
}

async function rollBack(
  serving: readonly TrafficShare[],
  options: DeployOptions,
  { gcloud, say }: Surroundings,
): Promise<void> {
  const { service } = options;
  // First of all: these revisions run, and take the requests within seconds.
  await setTraffic(gcloud, service, serving, options);
  const names = serving.map(sharesText).join(', ');
  say(`${service}: rolled back to ${names}`);
  const [only, ...others] = serving;
  try {
    if ((await describeService(gcloud, service, options)).tagUrls.has(CANARY_TAG))
      await removeTag(gcloud, service, CANARY_TAG, options);
    if (only === undefined || others.length > 0) throw new Error('several revisions serve');
    const { image, commit } = await describeRevision(gcloud, only.revision, options);
    if (image === undefined) throw new Error(`nobody knows the image of ${only.revision}`);
    await makeRevision(gcloud, service, image, commit, options);
    await followLatest(gcloud, service, options);
    say(`${service}: its image is that of ${only.revision} again; a new secret or setting takes effect`);
  } catch (error) {
    say(
      `${service}: ${names} stays, and no new secret or setting takes effect, until a deploy succeeds (${error instanceof Error ? error.message : 'unknown failure'})`,
    );
  }
}

/**
 * What serves somewhere is kept by the registry's clean-up, however old it is: production runs what staging has built,
 * long after. The tag of this project moves from the image before to this one.
 */
async function keepImage({ service, image, project }: DeployOptions, gcloud: Gcloud): Promise<void> {
  const repository = image.slice(0, image.indexOf('@'));
  try {
    await gcloud('artifacts', 'docker', 'tags', 'add', image, `${repository}:${SERVING_TAG_PREFIX}${project}`);
  } catch (error) {
    throw new Error(
      `${service}: it serves, but its image could not be marked as one to keep; the registry's clean-up may delete it`,
      { cause: error },
    );
  }
}

/**
 * A public service answers under its tag. One whose ingress is internal does not, and Google's front end keeps some
 * paths that end in z to itself (https://cloud.google.com/run/docs/known-issues): then a 403 or 404 comes that is not
 * ours, and the startup probe has to do.
 */
async function checkReady(url: string | undefined, say: (line: string) => void): Promise<void> {
  if (url === undefined) throw new Error(`the new revision has no URL under the tag ${CANARY_TAG}`);
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
  const body = await response.text();
  if (response.ok) return;
  if ((response.status === 403 || response.status === 404) && !body.includes('"ok":false'))
    say('its URL is not reachable from here; its startup probe has passed');
  else throw new Error(`/readyz of the new revision answers ${response.status}: ${body.slice(0, 500)}`);
}

async function watch(
  revision: string,
  stable: readonly TrafficShare[],
  options: DeployOptions,
  { gcloud, say, signal }: Surroundings,
): Promise<void> {
  const since = new Date();
  const end = since.getTime() + options.watchMinutes * 60_000;
  for (;;) {
    const remainingMs = end - Date.now();
    if (remainingMs > 0) await sleep(Math.min(LOOK_EVERY_MS, remainingMs), signal);
    if (signal.aborted) throw new Error('the run was cancelled');
    const canary = await requestsOf(gcloud, options.service, revision, since);
    const beside = await Promise.all(stable.map((share) => requestsOf(gcloud, options.service, share.revision, since)));
    const reason = whyUnhealthy(canary, { requests: sum(beside, 'requests'), failed: sum(beside, 'failed') });
    say(
      `${options.service}: canary ${canary.requests} requests, ${canary.failed} failed; beside it ${sum(beside, 'requests')} and ${sum(beside, 'failed')}`,
    );
    if (reason !== undefined) throw new Error(`${revision} is not healthy: ${reason}`);
    if (Date.now() >= end) return;
  }
}

function sum(counts: readonly RevisionRequests[], field: 'requests' | 'failed'): number {
  return counts.reduce((total, count) => total + count[field], 0);
}

/** The same proportions within `percent`, in whole numbers that add up to it. */
function scaled(shares: readonly TrafficShare[], percent: number): readonly TrafficShare[] {
  const [first, ...others] = shares.map((share) => ({
    ...share,
    percent: Math.floor((share.percent * percent) / 100),
  }));
  if (first === undefined) return [];
  const rest = others.reduce((total, share) => total + share.percent, 0);
  return [{ ...first, percent: percent - rest }, ...others].filter((share) => share.percent > 0);
}

function sharesText({ revision, percent }: TrafficShare): string {
  return percent === 100 ? revision : `${revision} (${percent} %)`;
}

function sleep(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, durationMs);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done);
  });
}

await runCommand(DEPLOY_USAGE, async (args, signal) => {
  const options = parseDeployOptions(args);
  await deployService(options, { gcloud: gcloudIn(options), say: (line) => process.stdout.write(`${line}\n`), signal });
});
