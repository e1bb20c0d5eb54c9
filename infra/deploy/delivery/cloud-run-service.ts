import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { Gcloud } from './gcloud.ts';
import type { Place } from './options.ts';

/** One line of a service's traffic. */
export interface TrafficShare {
  readonly revision: string;
  readonly percent: number;
}

export interface ServiceState {
  /** Who gets the requests now; empty for a service that has never served. */
  readonly serving: readonly TrafficShare[];
  readonly latestReadyRevision: string | undefined;
  readonly tagUrls: ReadonlyMap<string, string>;
}

// `gcloud run … --format=json` prints Knative's form of the resource:
// https://cloud.google.com/run/docs/reference/rest/v1/namespaces.services
interface DescribedService {
  readonly status?: {
    readonly latestReadyRevisionName?: string;
    readonly traffic?: readonly {
      readonly revisionName?: string;
      readonly percent?: number;
      readonly tag?: string;
      readonly url?: string;
    }[];
  };
}

/** @throws when the service does not exist: the infrastructure program makes it, deploying only replaces its image. */
export async function describeService(gcloud: Gcloud, service: ServiceName, { region }: Place): Promise<ServiceState> {
  const { status = {} } = JSON.parse(
    await gcloud('run', 'services', 'describe', service, `--region=${region}`, '--format=json'),
  ) as DescribedService;
  const traffic = status.traffic ?? [];
  const serving = new Map<string, number>();
  for (const { revisionName, percent = 0 } of traffic) {
    if (revisionName !== undefined && percent > 0)
      serving.set(revisionName, (serving.get(revisionName) ?? 0) + percent);
  }
  return {
    serving: [...serving].map(([revision, percent]) => ({ revision, percent })),
    latestReadyRevision: status.latestReadyRevisionName,
    tagUrls: new Map(
      traffic.flatMap(({ tag, url }) => (tag === undefined || url === undefined ? [] : [[tag, url] as const])),
    ),
  };
}

export interface RevisionState {
  /** The commit that it was made of; undefined for one that nobody labelled, or that is gone. */
  readonly commit: string | undefined;
  /** By digest, as far as Cloud Run knows it. */
  readonly image: string | undefined;
}

export async function describeRevision(gcloud: Gcloud, revision: string, { region }: Place): Promise<RevisionState> {
  const { metadata, spec, status } = JSON.parse(
    await gcloud('run', 'revisions', 'describe', revision, `--region=${region}`, '--format=json'),
  ) as {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec?: { readonly containers?: readonly { readonly image?: string }[] };
    readonly status?: { readonly imageDigest?: string };
  };
  return { commit: metadata?.labels?.['commit'], image: status?.imageDigest ?? spec?.containers?.[0]?.image };
}

/**
 * Makes a revision of an image, which gets no traffic yet. Resolves when its startup probe (/readyz: its clients are
 * connected) has passed, and fails when it has not. Never with --tag: gcloud would name the revision, and write the
 * name into the service's template. A later change of a variable or a secret would be refused, because the name is
 * taken.
 */
export async function makeRevision(
  gcloud: Gcloud,
  service: ServiceName,
  image: string,
  commit: string | undefined,
  { region }: Place,
): Promise<void> {
  await gcloud(
    'run',
    'deploy',
    service,
    `--region=${region}`,
    `--image=${image}`,
    '--no-traffic',
    ...(commit === undefined ? [] : [`--labels=commit=${commit}`]),
  );
}

/**
 * Gives a revision a URL of its own, or takes it away again: an addressable revision keeps its least number of
 * instances.
 */
export async function tagRevision(
  gcloud: Gcloud,
  service: ServiceName,
  tag: string,
  revision: string,
  { region }: Place,
): Promise<void> {
  await gcloud('run', 'services', 'update-traffic', service, `--region=${region}`, `--update-tags=${tag}=${revision}`);
}

export async function removeTag(gcloud: Gcloud, service: ServiceName, tag: string, { region }: Place): Promise<void> {
  await gcloud('run', 'services', 'update-traffic', service, `--region=${region}`, `--remove-tags=${tag}`);
}

export async function setTraffic(
  gcloud: Gcloud,
  service: ServiceName,
  shares: readonly TrafficShare[],
  { region }: Place,
): Promise<void> {
  const split = shares.map(({ revision, percent }) => `${revision}=${percent}`).join(',');
  await gcloud('run', 'services', 'update-traffic', service, `--region=${region}`, `--to-revisions=${split}`);
}

/**
 * From now on the newest revision serves, so that a new secret or setting, which makes a revision, takes effect by
 * itself.
 */
export async function followLatest(gcloud: Gcloud, service: ServiceName, { region }: Place): Promise<void> {
  await gcloud('run', 'services', 'update-traffic', service, `--region=${region}`, '--to-latest');
}
