import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { SERVICES, topology } from '@paid-community/shared/topology.ts';
import { declareOnMocks, type DeclaredSystem } from './testing/declared-system.ts';
import { stackConfig, WHOLE } from './testing/stack-configs.ts';

const PRODUCTION: Readonly<Record<string, string>> = {
  ...WHOLE,
  'gcp:project': 'project-production',
  'paid-community:projectNumber': '210987654321',
};

let staging: DeclaredSystem;
let production: DeclaredSystem;

beforeAll(async () => {
  staging = await declareOnMocks(stackConfig());
  production = await declareOnMocks(stackConfig(PRODUCTION, 'production'));
});

test('nothing in this folder names a service, topic, subscription, queue or collection a second time', () => {
  const names = [
    ...SERVICES,
    ...[...topology.topics, ...topology.subscriptions, ...topology.queues, ...topology.collections].map(
      ({ name }) => name,
    ),
  ];
  const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => !/node_modules/.test(file) && /\.(ts|yaml)$/.test(file) && !/\.(?:test|faults)\.ts$/.test(file),
  );
  expect(sources.length).toBeGreaterThan(20);
  const found = sources.flatMap((file) => {
    // The path of a module that is imported, or that writes a line of the log, is where something is, not what it is
    // called.
    const text = readFileSync(join(import.meta.dirname, file), 'utf8').replaceAll(
      /from '[^']+'|writtenBy: '[^']+'/g,
      '',
    );
    return names.filter((name) => new RegExp(`['"\`]${name}['"\`]`).test(text)).map((name) => `${file}: ${name}`);
  });
  expect(found).toEqual([]);
});

describe('names and labels', () => {
  test('everything that carries labels says which application, stack and program it belongs to', () => {
    const labelled = staging.resources.flatMap(({ name, inputs }) =>
      [inputs['userLabels'] ?? inputs['labels']]
        .filter((labels) => labels !== undefined)
        .map((labels) => ({ name, labels })),
    );
    expect(labelled.length).toBeGreaterThan(20);
    for (const { name, labels } of labelled)
      expect([name, labels]).toEqual([
        name,
        expect.objectContaining({ app: 'paid-community', stack: 'staging', 'managed-by': 'pulumi' }),
      ]);
    const withLabels = /:(Topic|Subscription|Secret|Repository|Service|AlertPolicy|NotificationChannel)$/;
    const without = staging.resources.filter(
      ({ type, inputs }) =>
        withLabels.test(type) &&
        type !== 'gcp:projects/service:Service' &&
        inputs['labels'] === undefined &&
        inputs['userLabels'] === undefined,
    );
    expect(without).toEqual([]);
  });

  test('no two things of one kind have one logical name', () => {
    const keys = staging.resources.map(({ type, name }) => `${type} ${name}`);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  test('the ids of service accounts and secrets are ones that Google takes', () => {
    for (const { inputs } of staging.ofType('gcp:serviceaccount/account:Account'))
      expect(inputs['accountId']).toMatch(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/);
    for (const { inputs } of staging.ofType('gcp:secretmanager/secret:Secret'))
      expect(inputs['secretId']).toMatch(/^[A-Za-z0-9_-]{1,255}$/);
    // The deterministic URL of Cloud Run exists only when name and number make a label of at most 63 characters.
    for (const service of SERVICES) expect(`${service}-123456789012`.length).toBeLessThanOrEqual(63);
  });
});

describe('two stacks', () => {
  test('declare the same things', () => {
    expect(production.resources.map(({ type, name }) => `${type} ${name}`).sort()).toEqual(
      staging.resources.map(({ type, name }) => `${type} ${name}`).sort(),
    );
  });

  test('do not collide: everything is in the project of its own stack', () => {
    for (const [system, project, other] of [
      [staging, 'project-staging', 'project-production'],
      [production, 'project-production', 'project-staging'],
    ] as const) {
      for (const { type, name, inputs } of system.resources) {
        if (type.startsWith('pulumi:')) continue;
        // An account binding and a budget name their project within.
        const own = inputs['project'] === project || JSON.stringify(inputs).includes(project);
        expect([type, name, own]).toEqual([type, name, true]);
        // Images come from one registry, and its stack lists who may read them.
        const text = JSON.stringify(inputs).replaceAll(/asia-south1-docker\.pkg\.dev\/[\w-]+/g, '');
        if (!type.endsWith('RepositoryIamMember'))
          expect([type, name, text.includes(other)]).toEqual([type, name, false]);
      }
    }
  });

  test('are told apart by people: everything with a title says its stack', () => {
    for (const type of [
      'gcp:monitoring/alertPolicy:AlertPolicy',
      'gcp:monitoring/notificationChannel:NotificationChannel',
      'gcp:billing/budget:Budget',
    ]) {
      for (const { inputs } of production.ofType(type)) expect(inputs['displayName']).toContain('production');
    }
  });
});
