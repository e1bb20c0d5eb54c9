import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as topics from '@paid-community/shared/model/topics.ts';
import {
  eventEmitter,
  intakeService,
  joinTracker,
  linkWorker,
  SERVICES,
  topology,
} from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { CUSTOM_ROLES } from './custom-roles.ts';
import { permissions, type Grantee, type Target } from './permissions.ts';
import { declareOnMocks, type DeclaredSystem } from './testing/declared-system.ts';
import { stackConfig, WHOLE } from './testing/stack-configs.ts';

const ROOT = join(import.meta.dirname, '../../..');
const table = permissions(stackConfig().values);
/** Only the operator API has these; the deployer has the others. */
const OPERATORS_ROLES = ['queueOperator', 'snapshotKeeper', 'backlogReader'] as const;
let system: DeclaredSystem;

beforeAll(async () => {
  system = await declareOnMocks(stackConfig());
});

/** The members as Google knows them; a role is held against these, not against what the program calls them. */
const MEMBERS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    SERVICES.map((service) => [service, `serviceAccount:${service}@project-staging.iam.gserviceaccount.com`]),
  ),
  push: 'serviceAccount:pubsub-push@project-staging.iam.gserviceaccount.com',
  tasks: 'serviceAccount:cloud-tasks@project-staging.iam.gserviceaccount.com',
  deployer: 'serviceAccount:deployer@project-staging.iam.gserviceaccount.com',
  'Pub/Sub': 'serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com',
  GitHub:
    'principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/github/attribute.repository/owner/repository',
  'Cloud Run of project-production':
    'serviceAccount:service-210987654321@serverless-robot-prod.iam.gserviceaccount.com',
  'deployer of project-production': 'serviceAccount:deployer@project-production.iam.gserviceaccount.com',
};

interface Binding {
  readonly member: unknown;
  readonly role: unknown;
  readonly on: string;
}

function bindings(): readonly Binding[] {
  return system.resources
    .filter(({ type }) => /iam/i.test(type.split(':')[1]?.split('/')[1] ?? '') && !type.endsWith('IAMCustomRole'))
    .map(({ type, inputs }) => ({
      member: inputs['member'],
      role: inputs['role'],
      on: `${type.split('/')[0] ?? ''} ${placeOf(inputs)}`,
    }));
}

function placeOf(inputs: Readonly<Record<string, unknown>>): string {
  const named = ['topic', 'subscription', 'secretId', 'serviceAccountId', 'repository', 'name']
    .map((key) => inputs[key])
    .find((value) => value !== undefined);
  return typeof named === 'string' ? named : '';
}

function expectedPlace(on: Target): string {
  switch (on.kind) {
    case 'topic':
    case 'subscription':
      return `gcp:pubsub ${on.name}`;
    case 'queue':
      return `gcp:cloudtasks ${on.name}`;
    case 'secret':
      return `gcp:secretmanager ${on.name}`;
    case 'service':
      return `gcp:cloudrunv2 ${on.name}`;
    case 'account':
      return `gcp:serviceaccount projects/project-staging/serviceAccounts/${String(MEMBERS[on.name]?.slice('serviceAccount:'.length))}`;
    case 'images':
      return 'gcp:artifactregistry paid-community';
    case 'project':
      return 'gcp:projects ';
  }
}

const text = ({ member, role, on }: Binding): string => `${String(member)} ${String(role)} ${on}`;

describe('the roles that are bound', () => {
  test('are those of the table, each on the one resource that it names, and no others', () => {
    const expected = table.map(({ who, role, on }) =>
      text({
        member: MEMBERS[who],
        role: role in CUSTOM_ROLES ? `projects/project-staging/roles/${role}` : role,
        on: expectedPlace(on),
      }),
    );
    expect(bindings().map(text).sort()).toEqual(expected.sort());
  });

  test('add a member, and never replace what others have granted', () => {
    const authoritative = system.resources.filter(({ type }) => /iam.*(binding|policy)/i.test(type));
    expect(authoritative).toEqual([]);
  });

  test('are basic or administrator for nobody', () => {
    expect(table.filter(({ role }) => /roles\/(owner|editor|viewer)$|admin/i.test(role))).toEqual([]);
  });

  test('are on the whole project only where Google has no narrower place', () => {
    const wide = new Set(table.filter(({ on }) => on.kind === 'project').map(({ role }) => role));
    expect([...wide].sort()).toEqual([
      'backlogReader',
      'revisionWatcher',
      'roles/datastore.user',
      'roles/logging.logWriter',
      'roles/logging.viewer',
      'snapshotKeeper',
    ]);
  });
});

const may = (who: Grantee, role: string): readonly string[] =>
  table
    .filter((line) => line.who === who && line.role === role)
    .map(({ on }) => ('name' in on ? on.name : on.kind))
    .sort();

function filesOf(path: string): readonly string[] {
  const folder = join(ROOT, path);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.map((file) => readFileSync(join(folder, file), 'utf8'));
}

/** The topics that the source of a service publishes to. */
function publishedBy(service: ServiceName): readonly string[] {
  const source = sourceOf(service);
  const sharedFunctions = ['shared/src/health', 'shared/src/memberships'].flatMap(filesOf);
  const defined = [
    ...filesOf('shared/src/model').flatMap((file) => [
      ...file.matchAll(/const (\w+) = defineEvent\(\{[^]*?topic: (\w+)/g),
    ]),
    // Those of memberships are found by their type.
    ['', 'definition', 'membershipEvents'],
  ];
  const used = defined.flatMap(([, name = '', topic = '']) => {
    // Some events are published by a function of their own, which several services call.
    const functions = sharedFunctions
      .filter((file) => file.includes(`${name}.publish(`))
      .flatMap((file) => [...file.matchAll(/export async function (\w+)/g)].map(([, callee = '']) => callee));
    const called = [`${name}.publish`, ...functions].some((callee) => source.includes(`${callee}(`));
    return called
      ? [(topics as Readonly<Record<string, unknown>> as Readonly<Record<string, Topic>>)[topic]?.name ?? topic]
      : [];
  });
  // A service with deliveries parks dead letters through shared/src/platform/service/deliver.ts, except dead letters
  // themselves.
  const table = readFileSync(join(ROOT, service, 'src/service.ts'), 'utf8');
  const parks = /\bsubscription: (?!deadLetters)\w+,|\bqueue: \w+,/.test(table);
  return [...new Set([...used, ...(parks ? [topics.deadLetterTopic.name] : [])])].sort();
}

function sourceOf(service: ServiceName): string {
  const folder = join(ROOT, service, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('test'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
}

describe('least privilege', () => {
  test.each(SERVICES.filter((service) => service !== intakeService))(
    '%s may publish exactly what its source publishes',
    (service) => {
      expect(may(service, 'roles/pubsub.publisher')).toEqual(publishedBy(service));
    },
  );

  test('intake-service may publish purchases, communities and dead letters by itself; and for an operator to any topic, as a replay of any subscription does', () => {
    const byItself = table.filter(
      ({ who, role, why }) =>
        who === intakeService && role === 'roles/pubsub.publisher' && !why.startsWith('operator API'),
    );
    expect(byItself.map(({ on }) => 'name' in on && on.name)).toEqual(
      [topics.purchaseEvents, topics.communityEvents, topics.deadLetterTopic].map(({ name }) => name),
    );
    // A join that a rebuild has matched to its purchase is told by the rebuild.
    expect(publishedBy(intakeService)).toEqual(
      [
        topics.purchaseEvents.name,
        topics.communityEvents.name,
        topics.deadLetterTopic.name,
        topics.healthChecks.name,
        topics.memberJoinedEvents.name,
        topics.membershipEvents.name,
      ].sort(),
    );
    expect(sourceOf(intakeService)).toContain('eventBus.publish(subscription.topic,');
    const all = topology.subscriptions.map(({ topic }) => topic.name);
    expect(may(intakeService, 'roles/pubsub.publisher')).toEqual([...new Set(all)].sort());
  });

  test('only who queues tasks may, and may name the account that signs them', () => {
    const queues = [intakeService, linkWorker, joinTracker];
    expect(SERVICES.filter((service) => may(service, 'roles/cloudtasks.enqueuer').length > 0)).toEqual(queues);
    expect(SERVICES.filter((service) => may(service, 'roles/iam.serviceAccountUser').includes('tasks'))).toEqual(
      queues,
    );
    for (const service of SERVICES) if (/\.enqueue\(/.test(sourceOf(service))) expect(queues).toContain(service);
  });

  test('only the operator API consumes, seeks, pauses and reads figures', () => {
    const roles = ['roles/pubsub.subscriber', ...OPERATORS_ROLES];
    expect(
      new Set(table.filter(({ role, who }) => roles.includes(role) && who !== 'Pub/Sub').map(({ who }) => who)),
    ).toEqual(new Set([intakeService]));
    const archives = topology.topics.flatMap(({ archiveSubscription }) => archiveSubscription ?? []);
    expect(may(intakeService, 'roles/pubsub.subscriber')).toEqual(
      [...topology.subscriptions.map(({ name }) => name), ...archives].sort(),
    );
  });

  test('what an operator may do, the operator API does', () => {
    const evidence: Readonly<Record<string, RegExp>> = {
      'pubsub.snapshots.create': /\.createSnapshot\(/,
      'pubsub.snapshots.delete': /\.deleteSnapshot\(/,
      'pubsub.snapshots.list': /\.listSnapshots\(/,
      'pubsub.snapshots.seek': /\.seekToSnapshot\(/,
      'cloudtasks.queues.get': /queue\.describe\(/,
      'cloudtasks.queues.pause': /queue\.pause\(/,
      'cloudtasks.queues.resume': /queue\.resume\(/,
      'monitoring.timeSeries.list': /\.backlog\(/,
      'roles/pubsub.subscriber': /\.seek\([^]*\.readRetained\(|\.readRetained\([^]*\.seek\(/,
    };
    const single = OPERATORS_ROLES.flatMap((role) => [...CUSTOM_ROLES[role].permissions]);
    expect([...single, 'roles/pubsub.subscriber'].sort()).toEqual(Object.keys(evidence).sort());
    for (const [permission, pattern] of Object.entries(evidence))
      expect([permission, pattern.test(sourceOf(intakeService))]).toEqual([permission, true]);
    for (const service of SERVICES.filter((other) => other !== intakeService)) {
      for (const [permission, pattern] of Object.entries(evidence))
        expect([service, permission, pattern.test(sourceOf(service))]).toEqual([service, permission, false]);
    }
  });

  test('without Cloud Build its API stays off, and nobody may write a log for it', async () => {
    const without = await declareOnMocks(stackConfig({ ...WHOLE, 'paid-community:cloudBuild': '' }));
    expect(
      without.resources.filter(
        ({ inputs }) =>
          inputs['role'] === 'roles/logging.logWriter' || inputs['service'] === 'cloudbuild.googleapis.com',
      ),
    ).toEqual([]);
    expect(
      system.resources.filter(
        ({ inputs }) =>
          inputs['role'] === 'roles/logging.logWriter' || inputs['service'] === 'cloudbuild.googleapis.com',
      ),
    ).toHaveLength(2);
  });

  test('the roles of our own hold single permissions, and none that changes a role, a policy or what is declared here', () => {
    for (const { permissions: single } of Object.values(CUSTOM_ROLES)) {
      for (const permission of single)
        expect(permission).toMatch(
          /^(cloudtasks\.queues\.(get|pause|resume)|pubsub\.snapshots\.(create|delete|list|seek)|monitoring\.timeSeries\.list|run\.(operations|revisions)\.get|artifactregistry\.(repositories\.get|tags\.(create|delete|get)))$/,
        );
    }
    const declared = system
      .ofType('gcp:projects/iAMCustomRole:IAMCustomRole')
      .map(({ inputs }) => [inputs['roleId'], inputs['permissions']]);
    expect(new Map(declared as [string, string[]][])).toEqual(
      new Map(Object.entries(CUSTOM_ROLES).map(([id, { permissions: single }]) => [id, [...single]])),
    );
  });

  test('the deployer may mark the image that serves, in this project and in others, and the clean-up keeps a marked image', () => {
    const markers = table.filter(({ role }) => role === 'imageMarker').map(({ who, on }) => `${who} on ${on.kind}`);
    expect(markers).toEqual(['deployer on images', 'deployer of project-production on images']);
    const [registry] = system.ofType('gcp:artifactregistry/repository:Repository');
    expect(registry?.inputs['cleanupPolicies']).toContainEqual({
      id: 'keep-serving',
      action: 'KEEP',
      condition: { tagState: 'TAGGED', tagPrefixes: ['serving-'] },
    });
    expect(readFileSync(join(ROOT, 'infra/deploy/delivery/deploy-service.ts'), 'utf8')).toContain(
      '${SERVING_TAG_PREFIX}${project}',
    );
  });

  test('each secret is read by the services that have a variable of its name, and by nobody else', () => {
    expect(may(intakeService, 'roles/secretmanager.secretAccessor')).toEqual(['INTAKE_API_KEYS', 'OPERATOR_API_KEYS']);
    expect(may(linkWorker, 'roles/secretmanager.secretAccessor')).toEqual([
      'TELEGRAM_BOT_TOKEN',
      'TELEGRAM_WEBHOOK_SECRET',
    ]);
    expect(may(joinTracker, 'roles/secretmanager.secretAccessor')).toEqual(['TELEGRAM_WEBHOOK_SECRET']);
    expect(may(eventEmitter, 'roles/secretmanager.secretAccessor')).toEqual(['WEBENGAGE_API_KEY']);
    expect(
      table.filter(
        ({ role, who }) =>
          role === 'roles/secretmanager.secretAccessor' && !SERVICES.some((service) => service === who),
      ),
    ).toEqual([]);
  });

  test('only the push account and the task account may call what Cloud Run checks; the public services need no role', () => {
    const callers = table
      .filter(({ role }) => role === 'roles/run.invoker')
      .map(({ who, on }) => `${who} → ${'name' in on ? on.name : ''}`);
    expect(callers.sort()).toEqual([`push → ${linkWorker}`, `push → ${eventEmitter}`, `tasks → ${linkWorker}`].sort());
  });

  test("Pub/Sub's own account may move exactly what has dead letters", () => {
    const withDeadLetters = topology.subscriptions
      .filter(({ deadLetter }) => deadLetter?.maxDeliveryAttempts !== undefined)
      .map(({ name }) => name);
    expect(may('Pub/Sub', 'roles/pubsub.subscriber')).toEqual(withDeadLetters.sort());
    expect(may('Pub/Sub', 'roles/pubsub.publisher')).toEqual([topics.deadLetterTopic.name]);
  });
});
