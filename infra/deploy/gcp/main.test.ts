import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { startTestEngine, type Registered, type TestEngine } from './testing/engine.ts';
import { IMAGES, REQUIRED, WHOLE } from './testing/stack-configs.ts';

// The program as `pulumi preview` runs it: the language host of the CLI starts this very module of @pulumi/pulumi with
// these arguments (pulumi/sdk/nodejs/cmd/pulumi-language-nodejs), and the program registers its resources with the
// engine. Only the engine is ours. What it cannot show: that the CLI itself starts it so, and what Google says to a
// resource.

const RUN = createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/run');
const { main } =
  /^main: (?<main>\S+)$/m.exec(readFileSync(join(import.meta.dirname, 'Pulumi.yaml'), 'utf8'))?.groups ?? {};

interface Ended {
  readonly exitCode: number | string | null | undefined;
  readonly output: string;
}

async function run(engine: TestEngine, settings: Readonly<Record<string, string>>, stack = 'staging'): Promise<Ended> {
  const environment = {
    ...process.env,
    NODE_OPTIONS: '',
    PULUMI_CONFIG: JSON.stringify(settings),
    PULUMI_NODEJS_TYPESCRIPT: 'false',
  };
  const args = [
    RUN,
    `--monitor=${engine.address}`,
    `--engine=${engine.address}`,
    '--project=paid-community',
    `--stack=${stack}`,
    '--dry-run',
    `--pwd=${import.meta.dirname}`,
    main ?? '',
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: environment, cwd: '/' }, (error, stdout, stderr) => {
      resolve({
        exitCode: error === null ? 0 : error.code,
        output: [stdout, stderr, ...engine.messages].join('\n').trim(),
      });
    });
  });
}

describe('the program, run by Pulumi itself', () => {
  let engine: TestEngine;
  let ended: Ended;

  beforeAll(async () => {
    engine = await startTestEngine();
    ended = await run(engine, WHOLE);
  }, 120_000);

  afterAll(() => engine.stop());

  const ofType = (type: string): readonly Registered[] =>
    engine.registered.filter((resource) => resource.type === type);

  test('is TypeScript that Node runs as it is, and registers everything', () => {
    expect(ended).toEqual({ exitCode: 0, output: '' });
    expect(ofType('gcp:cloudrunv2/service:Service')).toHaveLength(4);
    expect(engine.registered.length).toBeGreaterThan(100);
  });

  const waitsFor = (urn: string, seen = new Set<string>()): Set<string> => {
    if (!seen.has(urn)) {
      seen.add(urn);
      for (const needed of engine.registered.find((resource) => resource.urn === urn)?.dependsOn ?? [])
        waitsFor(needed, seen);
    }
    return seen;
  };

  test('waits for the API of each resource to be on', () => {
    const needy = engine.registered.filter(
      ({ type }) => type.startsWith('gcp:') && type !== 'gcp:projects/service:Service',
    );
    expect(needy.length).toBeGreaterThan(80);
    for (const { type, name, urn } of needy) {
      const api = apiOf(type);
      expect([
        type,
        name,
        api,
        [...waitsFor(urn)].some((needed) => needed.endsWith(`gcp:projects/service:Service::api-${String(api)}`)),
      ]).toEqual([type, name, api, true]);
    }
  });

  test('a service waits for the database, and for its rights to it and to its secrets', () => {
    for (const { name, dependsOn } of ofType('gcp:cloudrunv2/service:Service')) {
      for (const needed of [
        `SecretIamMember::${name}-secretmanager.secretAccessor`,
        `IAMMember::${name}-datastore.user`,
        'database:Database::documents',
      ]) {
        expect([name, needed, dependsOn.some((urn) => urn.includes(needed))]).toEqual([name, needed, true]);
      }
    }
  });

  test('a push waits for who signs it, for who may call the service, and for the service', () => {
    const { 'event-emitter-link-created-events': push, ...others } = Object.fromEntries(
      ofType('gcp:pubsub/subscription:Subscription').map(({ name, dependsOn }) => [name, dependsOn]),
    );
    for (const needed of [
      'Account::account-pubsub-push',
      'IAMMember::Pub-Sub-iam.serviceAccountOpenIdTokenCreator',
      'ServiceIamMember::push-run.invoker-service-event-emitter',
      'Service::event-emitter',
    ]) {
      expect([needed, push?.some((urn) => [...waitsFor(urn)].some((each) => each.includes(needed)))]).toEqual([
        needed,
        true,
      ]);
    }
    // An archive is pushed to nobody, and holds events from the first one on.
    expect(others['archive-purchase-events']?.some((urn) => urn.includes('cloudrunv2/service:Service::'))).toBe(false);
  });

  test('what holds data is protected; image and traffic are left to the deploys', () => {
    for (const type of [
      'gcp:firestore/database:Database',
      'gcp:secretmanager/secret:Secret',
      'gcp:pubsub/topic:Topic',
      'gcp:pubsub/subscription:Subscription',
    ]) {
      expect([type, new Set(ofType(type).map(({ protect }) => protect))]).toEqual([type, new Set([true])]);
    }
    // A database that the stack no longer names is the way back from a restore.
    for (const { type, name, retainOnDelete } of engine.registered)
      expect([type, name, retainOnDelete]).toEqual([type, name, type.startsWith('gcp:firestore/')]);
    for (const { ignoreChanges } of ofType('gcp:cloudrunv2/service:Service')) {
      expect(ignoreChanges).toEqual(
        expect.arrayContaining(['template.containers[0].image', 'template.labels', 'traffics']),
      );
      expect(ignoreChanges).not.toContain('template.revision');
    }
  });
});

function apiOf(type: string): string | undefined {
  const module = type.split(':')[1]?.split('/')[0] ?? '';
  // The identity of Pub/Sub, our own roles, and roles on the project.
  if (module === 'projects' && /Identity/.test(type)) return 'pubsub';
  if (module === 'projects') return /CustomRole/.test(type) ? 'iam' : 'cloudresourcemanager';
  return { billing: 'billingbudgets', cloudrunv2: 'run', serviceaccount: 'iam' }[module] ?? module;
}

describe('with settings that are not enough', () => {
  let engine: TestEngine;

  beforeEach(async () => {
    engine = await startTestEngine();
  });

  afterEach(() => engine.stop());

  test('it registers nothing, and names all that are missing', async () => {
    const { exitCode, output } = await run(engine, {});
    expect(exitCode).not.toBe(0);
    for (const name of [
      'gcp:project',
      'projectNumber',
      'alertEmails',
      'billingAccount',
      'TELEGRAM_CHAT_ID',
      'WEBENGAGE_LICENSE_CODE',
    ])
      expect(output).toContain(`${name} is missing`);
    expect(engine.registered.filter(({ type }) => type.startsWith('gcp:'))).toEqual([]);
  });

  test('without images it says what is not made', async () => {
    const { exitCode, output } = await run(engine, REQUIRED);
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: expect.stringContaining('The setting images is absent: everything is made but the services') as unknown,
    });
  });
});

/**
 * What somebody sets in step 4 of the guide, by the commands that stand there, and what the file of the stack brings.
 */
function settingsOfGuide(stack: string): Record<string, string> {
  const guide = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const [, step = ''] = /### 4\. One command\n([^]*?)\n### 5\./.exec(guide) ?? [];
  const names = [...step.matchAll(/config set (\S+)/g)].map(([, name = '']) =>
    name.includes(':') ? name : `paid-community:${name}`,
  );
  const { config } = parse(readFileSync(join(import.meta.dirname, `Pulumi.${stack}.yaml`), 'utf8')) as {
    readonly config: Readonly<Record<string, string>>;
  };
  const values: Readonly<Record<string, string>> = {
    ...REQUIRED,
    'gcp:project': `project-${stack}`,
    'paid-community:billingAccount': 'none',
    'paid-community:WEBENGAGE_API_ROOT': 'https://api.in.webengage.com',
  };
  return { ...config, ...Object.fromEntries(names.map((name) => [name, values[name] ?? `no value for ${name}`])) };
}

describe.each(['staging', 'production'])(
  'a preview for a new project, of the stack %s as the guide sets it',
  (stack) => {
    let engines: readonly [TestEngine, TestEngine];
    let ended: readonly Ended[];

    beforeAll(async () => {
      engines = [await startTestEngine(), await startTestEngine()];
      const settings = settingsOfGuide(stack);
      const [first, second] = engines;
      // `npm run up` runs it twice: before there are images, and with them.
      ended = [
        await run(first, settings, stack),
        await run(second, { ...settings, 'paid-community:images': JSON.stringify(IMAGES) }, stack),
      ];
    }, 120_000);

    afterAll(() => engines.forEach((engine) => engine.stop()));

    test('ends well, before there are images and with them', () => {
      expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
      expect(ended[0]?.output).toContain('The setting images is absent');
      expect(ended[1]?.output).toBe('');
    });

    test('adds services and pushes in the second run, and takes nothing away that the first has made', () => {
      const [first, second] = engines.map(({ registered }) => registered.map(({ urn }) => urn));
      expect(first?.filter((urn) => second?.includes(urn) !== true)).toEqual([]);
      const added = new Set(second?.filter((urn) => first?.includes(urn) !== true).map((urn) => urn.split('::')[2]));
      expect([...added].sort()).toEqual([
        'gcp:cloudrunv2/service:Service',
        'gcp:cloudrunv2/serviceIamMember:ServiceIamMember',
        'gcp:pubsub/subscription:Subscription',
        'gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember',
      ]);
    });

    test('names each resource once, and none waits for something that is not declared, or for itself', () => {
      for (const { registered } of engines) {
        const urns = registered.map(({ urn }) => urn);
        expect(urns.filter((urn, index) => urns.indexOf(urn) !== index)).toEqual([]);
        registered.forEach(({ urn, dependsOn }, index) => {
          // The engine takes a dependency only on what was registered before.
          expect([urn, dependsOn.filter((needed) => !urns.slice(0, index).includes(needed))]).toEqual([urn, []]);
        });
      }
    });

    test('protects what holds data in production, and lets staging be torn down', () => {
      const held = engines[1].registered.filter(({ type }) =>
        ['gcp:firestore/database:Database', 'gcp:pubsub/topic:Topic', 'gcp:secretmanager/secret:Secret'].includes(type),
      );
      expect(held.length).toBeGreaterThan(10);
      expect(new Set(held.map(({ protect }) => protect))).toEqual(new Set([stack === 'production']));
    });
  },
);
