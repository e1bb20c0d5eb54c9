import { linkWorkerSettings } from '@paid-community/link-worker/config.ts';
import { integer, matching, number, oneOf } from '@paid-community/shared/platform/config/parsers.ts';
import { serviceSettings } from '@paid-community/shared/platform/config/gcp-settings.ts';
import { setting } from '@paid-community/shared/platform/config/settings.ts';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';

// The settings of a stack, under the names that `pulumi config set` takes. Those of the services themselves are
// service-variables.ts.

const BY_DIGEST = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$/;
const E_MAIL = /^[^@\s,]+@[^@\s,]+\.[^@\s,]+$/;

/** What one service may use; what is absent has the default of its kind. */
export interface Size {
  readonly minInstances?: number;
  readonly maxInstances?: number;
  readonly cpu?: string;
  readonly memory?: string;
}

export const DEFAULT_SIZE: Required<Pick<Size, 'maxInstances' | 'cpu' | 'memory'>> = {
  maxInstances: 10,
  cpu: '1',
  memory: '512Mi',
};

/**
 * Mebibytes, at least and at most, with so many processors
 * (https://docs.cloud.google.com/run/docs/configuring/services/cpu and …/memory-limits). 512 is also the least of the
 * second generation of Cloud Run's machines, which Cloud Run may choose.
 */
const MEMORY_OF_CPU: Readonly<Record<string, readonly [number, number]>> = {
  1: [512, 4_096],
  2: [512, 8_192],
  4: [2_048, 16_384],
  8: [4_096, 32_768],
};

const sizeParsers: { readonly [Name in keyof Required<Size>]: (text: string) => Required<Size>[Name] } = {
  minInstances: integer(0, 100),
  maxInstances: integer(1, 1_000),
  cpu: oneOf('1', '2', '4', '8'),
  memory: matching(/^\d+(Mi|Gi)$/, 'an amount such as 512Mi or 2Gi'),
};

export const stackSettings = {
  'gcp:project': setting({
    description:
      'id of the Google Cloud project; one for each stack, because topics and services carry the same names in all of them',
    parse: matching(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'a project id such as my-project-123'),
  }),
  'gcp:region': setting({
    description: 'region of everything that has one',
    parse: matching(/^[a-z]+-[a-z]+\d+$/, 'a region such as asia-south1'),
    fallback: 'asia-south1',
  }),
  projectNumber: setting({
    description:
      'number of the project: `gcloud projects describe <id> --format="value(projectNumber)"`; the URLs of the services hold it',
    parse: matching(/^\d{5,20}$/, 'digits only, such as 123456789012'),
  }),
  images: setting({
    description:
      'image of each service by digest, as a map of service to image; only the first start of a service reads it, later its own deploys decide. Absent: everything is made but the services',
    parse: mapOf(
      SERVICES,
      (image) => matching(BY_DIGEST, 'an image by digest: <registry>/<path>@sha256:<64 hex digits>')(image),
      'all',
    ),
    fallback: undefined,
  }),
  secretVersions: setting({
    description:
      'version of each secret that a service gets, as a map of variable to number; a new number makes a new revision. Those that must be there are 1 by default, the others absent',
    parse: versions,
    fallback: {},
  }),
  alertEmails: setting({
    description:
      'who is told when something is wrong: e-mail addresses, comma-separated; at most 5, as a budget alert takes no more',
    parse: (text) => {
      const addresses = text.split(',').map((address) => address.trim());
      if (!addresses.every((address) => E_MAIL.test(address)))
        throw new Error('must be e-mail addresses, comma-separated');
      // https://docs.cloud.google.com/billing/docs/reference/budget/rest/v1/billingAccounts.budgets#notificationsrule
      if (addresses.length > 5) throw new Error('must be at most 5 e-mail addresses: a budget alert takes no more');
      if (new Set(addresses).size < addresses.length) throw new Error('must name each e-mail address once');
      return addresses;
    },
  }),
  billingAccount: setting({
    description:
      'id of the billing account, such as 01AB23-CD45EF-6789AB, for the budget alert; "none" when somebody else watches the costs',
    parse: matching(/^([0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}|none)$/, 'of the form 01AB23-CD45EF-6789AB, or none'),
  }),
  budgetAmount: setting({
    description:
      'costs a month, in the currency of the billing account, at whose half, 90 % and whole the alert addresses are written to',
    parse: integer(1, 1_000_000),
    fallback: 100,
  }),
  minInstances: setting({
    description: 'instances of each service that are kept running; 0 = a first request waits for a start',
    parse: integer(0, 100),
    fallback: 0,
  }),
  sizes: setting<Partial<Readonly<Record<ServiceName, Size>>>>({
    description:
      'what single services may use, as a map of service to any of minInstances, maxInstances, cpu (1, 2, 4, 8; with 4 at least 2Gi, with 8 at least 4Gi of memory) and memory (512Mi)',
    parse: mapOf(SERVICES, sizeOf, 'some'),
    fallback: {},
  }),
  // One setting for the database that is declared and for the one that the services open.
  FIRESTORE_DATABASE: setting({
    ...serviceSettings.FIRESTORE_DATABASE,
    description:
      'id of the Firestore database that is declared and that the services open; another one after a restore, which makes a database of its own',
  }),
  // Cloud Tasks takes no more than 500 a second.
  TASKS_MAX_DISPATCHES_PER_SECOND: setting({
    ...linkWorkerSettings.TASKS_MAX_DISPATCHES_PER_SECOND,
    parse: number(0.01, 500),
  }),
  TASKS_MAX_CONCURRENT_DISPATCHES: linkWorkerSettings.TASKS_MAX_CONCURRENT_DISPATCHES,
  // The tokens are secrets, which this program does not read.
  bots: setting({
    description:
      'how many bots there are, that of TELEGRAM_BOT_TOKEN and those of TELEGRAM_BOT_TOKENS; the queue in front of Telegram has room for the calls of each',
    parse: integer(1, 1_000),
    fallback: 1,
  }),
  alertOldestMessageMinutes: setting({
    description: 'a message that waits longer than so many minutes is an alert',
    parse: integer(1, 1_440),
    fallback: 15,
  }),
  protectData: setting({
    description:
      'true = neither the database nor a secret nor a topic can be deleted by this program; false for a stack that is to be torn down',
    parse: (text) => oneOf('true', 'false')(text) === 'true',
    fallback: true,
  }),
  githubRepository: setting({
    description:
      'owner/name of the GitHub repository whose workflows on main may deploy here, from the environment of the same name as the stack; absent: no workload identity federation',
    parse: matching(/^[\w.-]+\/[\w.-]+$/, 'of the form owner/name'),
    fallback: undefined,
  }),
  cloudBuild: setting({
    description: 'true = Cloud Build deploys, by cloudbuild.yaml and a trigger of yours that runs as the deployer',
    parse: (text) => oneOf('true', 'false')(text) === 'true',
    fallback: false,
  }),
  imageReaders: setting({
    description: 'other stacks that run the images of this one, as a map of project id to project number',
    parse: mapOfNumbers,
    fallback: {},
  }),
};

/**
 * A map in JSON, as Pulumi hands over what is structured. `keys` are those that it may have; with `all` it must have
 * each.
 */
function mapOf<Key extends string, Value>(
  keys: readonly Key[],
  parse: (value: string) => Value,
  wanted: 'all' | 'some',
): (text: string) => Readonly<Record<Key, Value>> {
  return (text) => {
    const entries = Object.entries(jsonObject(text));
    const unknown = entries.find(([key]) => !keys.some((known) => known === key));
    if (unknown !== undefined) throw new Error(`must have no other keys than ${keys.join(', ')}`);
    const missing = keys.filter((key) => !entries.some(([name]) => name === key));
    if (wanted === 'all' && missing.length > 0) throw new Error(`lacks ${missing.join(', ')}`);
    return Object.fromEntries(
      entries.map(([key, value]) => [
        key,
        within(key, () => parse(typeof value === 'string' ? value : JSON.stringify(value))),
      ]),
    ) as Record<Key, Value>;
  };
}

function sizeOf(text: string): Size {
  const names = Object.keys(sizeParsers) as (keyof Size)[];
  const size: Size = Object.fromEntries(
    Object.entries(jsonObject(text)).map(([key, value]) => {
      const name = names.find((candidate) => candidate === key);
      if (name === undefined) throw new Error(`must have no other keys than ${names.join(', ')}`);
      return [name, within(name, () => sizeParsers[name](String(value)))];
    }),
  );
  const { cpu, memory } = { ...DEFAULT_SIZE, ...size };
  const [least, most] = MEMORY_OF_CPU[cpu] ?? [0, Infinity];
  const mebibytes = Number.parseInt(memory, 10) * (memory.endsWith('Gi') ? 1_024 : 1);
  if (mebibytes < least || mebibytes > most)
    throw new Error(`has cpu ${cpu} with memory ${memory}: Cloud Run takes ${least}Mi to ${most}Mi with it`);
  return size;
}

function versions(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(jsonObject(text)).map(([name, value]) => [
      name,
      within(name, () => matching(/^[1-9]\d*$/, 'the number of a version')(String(value))),
    ]),
  );
}

function mapOfNumbers(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(jsonObject(text)).map(([project, value]) => [
      project,
      within(project, () => stackSettings.projectNumber.parse(String(value))),
    ]),
  );
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('must be a map, such as `pulumi config set --path` makes');
  return value as Readonly<Record<string, unknown>>;
}

function within<T>(key: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`has a wrong ${key}: it ${error instanceof Error ? error.message : 'is not valid'}`, {
      cause: error,
    });
  }
}
