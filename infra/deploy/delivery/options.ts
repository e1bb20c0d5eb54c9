import { SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { readOptions } from '../../ops/command-line/read-arguments.ts';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { wholeNumber } from '../../ops/command-line/whole-number.ts';

export interface DeployOptions {
  readonly service: ServiceName;
  /** By digest: what was tested in one environment is what runs in the next. */
  readonly image: string;
  readonly commit: string;
  readonly project: string;
  readonly region: string;
  /** Share of the traffic that the new revision gets while it is watched, 1 to 99. */
  readonly canaryPercent: number;
  readonly watchMinutes: number;
}

export const DEPLOY_USAGE = `deploy-service.ts --service NAME --image REPOSITORY@sha256:DIGEST --commit SHA --project ID [--region asia-south1]
                  [--canary-percent 10] [--watch-minutes 5]`;

/** @throws UsageError */
export function parseDeployOptions(args: readonly string[]): DeployOptions {
  const values = parse(args, ['service', 'image', 'commit', 'project', 'region', 'canary-percent', 'watch-minutes']);
  return {
    service: serviceName(values['service']),
    image: matching(
      'image',
      values['image'],
      /^[^\s@]+@sha256:[0-9a-f]{64}$/,
      'an image by digest, such as asia-south1-docker.pkg.dev/project/images/link-worker@sha256:<64 hex digits>',
    ),
    commit: commitHash(values['commit']),
    ...place(values),
    canaryPercent: wholeNumber('--canary-percent', values['canary-percent'] ?? '10', 1, 99),
    watchMinutes: wholeNumber('--watch-minutes', values['watch-minutes'] ?? '5', 0, 120),
  };
}

export interface BuildOptions {
  readonly service: ServiceName;
  /** Registry path that the images lie under, without the service. */
  readonly repository: string;
  readonly commit: string;
}

export const BUILD_USAGE =
  'build-image.ts --service NAME --repository REGION-docker.pkg.dev/PROJECT/REPOSITORY --commit SHA';

/** @throws UsageError */
export function parseBuildOptions(args: readonly string[]): BuildOptions {
  const values = parse(args, ['service', 'repository', 'commit']);
  return {
    service: serviceName(values['service']),
    repository: repositoryPath(values['repository']),
    commit: commitHash(values['commit']),
  };
}

export interface DeployChangedOptions extends Place {
  readonly repository: string;
  readonly commit: string;
}

export const DEPLOY_CHANGED_USAGE =
  'deploy-changed.ts --project ID [--region asia-south1] --repository REGION-docker.pkg.dev/PROJECT/REPOSITORY --commit SHA';

/** @throws UsageError */
export function parseDeployChangedOptions(args: readonly string[]): DeployChangedOptions {
  const values = parse(args, ['project', 'region', 'repository', 'commit']);
  return { ...place(values), repository: repositoryPath(values['repository']), commit: commitHash(values['commit']) };
}

export interface Place {
  readonly project: string;
  readonly region: string;
}

export const CHANGED_USAGE = 'changed-services.ts --project ID [--region asia-south1]';

/** @throws UsageError */
export function parsePlace(args: readonly string[]): Place {
  return place(parse(args, ['project', 'region']));
}

function place(values: Readonly<Record<string, string | undefined>>): Place {
  return {
    project: matching(
      'project',
      values['project'],
      /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
      'the id of a Google Cloud project',
    ),
    region: matching('region', values['region'] ?? 'asia-south1', /^[a-z]+-[a-z]+\d+$/, 'a region such as asia-south1'),
  };
}

function parse(args: readonly string[], names: readonly string[]): Readonly<Record<string, string | undefined>> {
  return readOptions(args, Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])));
}

function serviceName(value: string | undefined): ServiceName {
  const service = SERVICES.find((candidate) => candidate === value);
  if (service === undefined) throw new UsageError(`--service must be one of: ${SERVICES.join(', ')}`);
  return service;
}

function repositoryPath(value: string | undefined): string {
  return matching(
    'repository',
    value,
    /^[a-z0-9.-]+(\/[a-z0-9._-]+)+$/,
    'where images are kept, such as asia-south1-docker.pkg.dev/project/images',
  );
}

function commitHash(value: string | undefined): string {
  return matching('commit', value, /^[0-9a-f]{40}$/, 'the 40 hex digits of a commit');
}

function matching(name: string, value: string | undefined, pattern: RegExp, wanted: string): string {
  if (value === undefined || !pattern.test(value)) throw new UsageError(`--${name} must be ${wanted}`);
  return value;
}
