// What Cloud Run and the registry keep, as far as a deploy touches it, and what the gcloud command line does to it:
// written from gcloud's own source (googlecloudsdk 528: command_lib/run, surface/run/deploy.py) and from the API, so
// that a deploy that the real ones would refuse is refused here.

export interface Template {
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Given by the caller; undefined = Cloud Run makes one up. */
  readonly revision?: string;
}

interface Revision extends Template {
  readonly revision: string;
  readonly starts: boolean;
}

interface Target {
  /** Undefined: the newest revision that is ready. */
  readonly revision?: string;
  readonly percent: number;
  readonly tag?: string;
}

export interface ServiceState {
  template: Template;
  readonly revisions: Revision[];
  traffic: readonly Target[];
}

export interface CloudState {
  /** Every command line of gcloud and docker, without project, region and format. */
  readonly calls: string[];
  readonly services: Record<string, ServiceState>;
  /** Digests by `repository/service:tag`. */
  readonly images: Record<string, string>;
  /** Images whose container does not start. */
  readonly broken: string[];
  /** What a new revision answers under its tag. */
  readonly canaryUrl: string;
  /** Entries of Cloud Run's log by revision. */
  readonly log: Record<string, readonly object[]>;
}

/** A refusal, in the words and with the exit code of the real program. */
export class Refusal extends Error {}

/** A service that has one revision, which serves. */
export function serving(
  service: string,
  {
    image,
    commit,
    env = {},
  }: { readonly image: string; readonly commit?: string; readonly env?: Readonly<Record<string, string>> },
): ServiceState {
  const state: ServiceState = {
    template: { image, env, labels: commit === undefined ? {} : { commit } },
    revisions: [],
    traffic: [{ percent: 100 }],
  };
  replaceTemplate(service, state, state.template, []);
  return state;
}

/**
 * A new template is a new revision, unless nothing in it is new. A name that is taken by a revision of another
 * configuration is refused (https://github.com/hashicorp/terraform-provider-google/issues/14569). One that does not
 * start exists all the same, and the template stays.
 */
export function replaceTemplate(
  service: string,
  state: ServiceState,
  template: Template,
  broken: readonly string[],
): Revision {
  const same = (other: Template): boolean =>
    JSON.stringify([other.image, other.env, other.labels]) ===
    JSON.stringify([template.image, template.env, template.labels]);
  const namesake = state.revisions.find(({ revision }) => revision === template.revision);
  if (namesake !== undefined) {
    if (!same(namesake))
      throw new Refusal(`Revision named '${namesake.revision}' with different configuration already exists.`);
    return namesake;
  }
  const revision = template.revision ?? `${service}-${String(state.revisions.length + 1).padStart(5, '0')}-auto`;
  const made: Revision = { ...template, revision, starts: !broken.includes(template.image) };
  state.template = template;
  state.revisions.push(made);
  return made;
}

export function latestReady({ revisions }: ServiceState): string | undefined {
  return revisions.findLast(({ starts }) => starts)?.revision;
}

/** The revisions that get requests, each with its share. */
export function served(state: ServiceState): Readonly<Record<string, number>> {
  const shares: Record<string, number> = {};
  for (const { revision = latestReady(state), percent } of state.traffic)
    if (revision !== undefined && percent > 0) shares[revision] = (shares[revision] ?? 0) + percent;
  return shares;
}

/**
 * `gcloud run deploy`. With --tag gcloud names the revision itself and writes the name into the template (deploy.py,
 * generate_name).
 */
export function deploy(service: string, args: readonly string[], cloud: CloudState): void {
  const state = serviceOf(service, cloud);
  const tag = option(args, 'tag');
  const labels = Object.fromEntries(
    (option(args, 'labels') ?? '')
      .split(',')
      .filter(Boolean)
      .map((label) => label.split('=') as [string, string]),
  );
  // NoTrafficChange: LATEST is replaced by the revision that serves, before anybody knows whether the new one starts.
  if (args.includes('--no-traffic'))
    state.traffic = Object.entries(served(state)).map(([revision, percent]) => ({ revision, percent }));
  const { image, env, labels: before } = state.template;
  const made = replaceTemplate(
    service,
    state,
    {
      image: option(args, 'image') ?? image,
      env,
      labels: { ...before, ...labels },
      ...(tag === undefined
        ? {}
        : { revision: `${service}-${String(state.revisions.length + 1).padStart(5, '0')}-named` }),
    },
    cloud.broken,
  );
  if (!made.starts)
    throw new Refusal(
      `Revision '${made.revision}' is not ready and cannot serve traffic. The user-provided container failed the configured startup probe checks.`,
    );
  if (tag !== undefined) state.traffic = [...state.traffic, { revision: made.revision, percent: 0, tag }];
}

/** `gcloud run services update-traffic`: shares are replaced, tags stay unless they are named. */
export function updateTraffic(service: string, args: readonly string[], cloud: CloudState): void {
  const state = serviceOf(service, cloud);
  const tags = state.traffic.filter(({ tag }) => tag !== undefined).map((target) => ({ ...target, percent: 0 }));
  const split = option(args, 'to-revisions');
  if (args.includes('--to-latest')) state.traffic = [{ percent: 100 }, ...tags];
  if (split !== undefined)
    state.traffic = [
      ...split.split(',').map((share) => ({ revision: nameIn(share, state), percent: Number(share.split('=')[1]) })),
      ...tags,
    ];
  const tagged = option(args, 'update-tags')?.split('=') ?? [];
  const [tag, revision] = tagged;
  if (tag !== undefined && revision !== undefined)
    state.traffic = [
      ...state.traffic.filter((target) => target.tag !== tag),
      { revision: nameIn(`${revision}=`, state), percent: 0, tag },
    ];
  const removed = option(args, 'remove-tags');
  if (removed !== undefined) state.traffic = state.traffic.filter((target) => target.tag !== removed);
}

/** `gcloud run services describe --format=json`: Knative's form. */
export function describeService(service: string, cloud: CloudState): object {
  const state = serviceOf(service, cloud);
  const traffic = state.traffic.map(({ revision, percent, tag }) => ({
    revisionName: revision ?? latestReady(state),
    percent,
    ...(revision === undefined ? { latestRevision: true } : {}),
    ...(tag === undefined ? {} : { tag, url: cloud.canaryUrl }),
  }));
  return {
    status: {
      latestCreatedRevisionName: state.revisions.at(-1)?.revision,
      latestReadyRevisionName: latestReady(state),
      traffic,
    },
  };
}

/** `gcloud run revisions describe --format=json`. */
export function describeRevision(name: string, cloud: CloudState): object {
  const found = Object.values(cloud.services).flatMap(({ revisions }) =>
    revisions.filter(({ revision }) => revision === name),
  )[0];
  if (found === undefined) throw new Refusal(`Cannot find revision [${name}]`);
  return {
    metadata: { labels: found.labels },
    spec: { containers: [{ image: found.image }] },
    status: { imageDigest: found.image },
  };
}

/**
 * `gcloud artifacts docker tags list --format=json`: asks the registry only, in full resource names
 * (docker_util.ListDockerTags).
 */
export function listTags(image: string, cloud: CloudState): object {
  const path = `projects/p/locations/l/repositories/r/packages/${image.slice(image.lastIndexOf('/') + 1)}`;
  const tags = Object.entries(cloud.images).filter(([tagged]) => tagged.startsWith(`${image}:`));
  if (tags.length === 0) throw new Refusal(`NOT_FOUND: Package "${path}" was not found.`);
  return tags.map(([tagged, digest]) => ({
    image,
    tag: `${path}/tags/${tagged.slice(image.length + 1)}`,
    version: `${path}/versions/${digest}`,
  }));
}

export function option(args: readonly string[], name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

function serviceOf(service: string, { services }: CloudState): ServiceState {
  const state = services[service];
  if (state === undefined) throw new Refusal(`Cannot find service [${service}]`);
  return state;
}

function nameIn(share: string, state: ServiceState): string {
  const name = share.slice(0, share.indexOf('='));
  if (!state.revisions.some(({ revision }) => revision === name))
    throw new Refusal(`Revision [${name}] does not exist`);
  return name;
}
