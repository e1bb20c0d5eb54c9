import { beforeAll, describe, expect, test } from '@jest/globals';
import * as eventEmitterConfig from '@paid-community/event-emitter/config.ts';
import * as intakeConfig from '@paid-community/intake-service/config.ts';
import * as joinTrackerConfig from '@paid-community/join-tracker/config.ts';
import * as linkWorkerConfig from '@paid-community/link-worker/config.ts';
import type { Config, Environment, Settings } from '@paid-community/shared/platform/config/settings.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import {
  eventEmitter,
  intakeService,
  joinTracker,
  linkWorker,
  PUBLIC_SERVICES,
  REQUEST_TIMEOUT_SECONDS,
  SERVICES,
  topology,
} from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { serviceVariables } from './service-variables.ts';
import { declareOnMocks, type DeclaredSystem } from './testing/declared-system.ts';
import { IMAGES, stackConfig, WHOLE } from './testing/stack-configs.ts';
import { requireUrl } from './urls.ts';

const readProcessConfig: Readonly<Record<ServiceName, (environment: Environment) => Config<Settings>>> = {
  [intakeService]: intakeConfig.readProcessConfig,
  [linkWorker]: linkWorkerConfig.readProcessConfig,
  [joinTracker]: joinTrackerConfig.readProcessConfig,
  [eventEmitter]: eventEmitterConfig.readProcessConfig,
};

/** Values that somebody could put into Secret Manager. */
const SECRET_VALUES: Readonly<Record<string, string>> = {
  INTAKE_API_KEYS: 'key-one-of-intake,key-two-of-intake',
  OPERATOR_API_KEYS: 'alice:key-of-alice-the-operator',
  TELEGRAM_BOT_TOKEN: '123456789:token-of-the-bot',
  TELEGRAM_WEBHOOK_SECRET: 'webhook-secret-one,webhook-secret-two',
  WEBENGAGE_API_KEY: 'key-of-webengage',
  OTEL_EXPORTER_OTLP_HEADERS: 'api-key=key-of-the-receiver',
};

interface Container {
  readonly image: string;
  readonly envs: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueSource?: { readonly secretKeyRef: { readonly secret: string; readonly version: string } };
  }[];
  readonly resources: unknown;
  readonly startupProbe: { readonly httpGet: { readonly path: string } };
  readonly livenessProbe: { readonly httpGet: { readonly path: string } };
}

interface Template {
  readonly containers: readonly [Container];
  readonly scaling: { readonly maxInstanceCount: number };
  readonly timeout: string;
  readonly serviceAccount: string;
  readonly maxInstanceRequestConcurrency: number;
}

function inputsOf(system: DeclaredSystem, service: ServiceName): Readonly<Record<string, unknown>> {
  const found = system.ofType('gcp:cloudrunv2/service:Service').find(({ inputs }) => inputs['name'] === service);
  if (found === undefined) throw new Error(`${service} is not declared`);
  return found.inputs;
}

const templateOf = (system: DeclaredSystem, service: ServiceName): Template =>
  inputsOf(system, service)['template'] as Template;

let system: DeclaredSystem;

beforeAll(async () => {
  system = await declareOnMocks(stackConfig());
});

test.each(SERVICES)(
  '%s leaves the signature of tokens to Cloud Run exactly when Cloud Run checks its callers, and no stack can say otherwise',
  (service) => {
    const isOpen = inputsOf(system, service)['invokerIamDisabled'] === true;
    const value = templateOf(system, service).containers[0].envs.find(
      ({ name }) => name === 'PUSH_AUTHENTICATION',
    )?.value;
    expect({ isOpen, value }).toEqual({
      isOpen: PUBLIC_SERVICES.has(service),
      value: PUBLIC_SERVICES.has(service) ? 'on' : 'platform',
    });
    expect(Object.keys(serviceVariables(service).settings)).not.toContain('PUSH_AUTHENTICATION');
  },
);

describe('the services', () => {
  test('are those of the topology, each with an account of its own', () => {
    const declared = system.ofType('gcp:cloudrunv2/service:Service').map(({ inputs }) => inputs['name']);
    expect(declared.sort()).toEqual([...SERVICES].sort());
    const accounts = SERVICES.map((service) => templateOf(system, service).serviceAccount);
    expect(accounts).toEqual(SERVICES.map((service) => `${service}@project-staging.iam.gserviceaccount.com`));
  });

  test('no service but intake-service and join-tracker can be reached from outside, or be called by everybody', () => {
    const outside = SERVICES.filter(
      (service) => inputsOf(system, service)['ingress'] !== 'INGRESS_TRAFFIC_INTERNAL_ONLY',
    );
    expect(outside).toEqual([intakeService, joinTracker]);
    expect(SERVICES.filter((service) => inputsOf(system, service)['invokerIamDisabled'] === true)).toEqual([
      intakeService,
      joinTracker,
    ]);
  });

  test('nobody is granted anything whom an organisation with domain restricted sharing refuses: everybody, or everybody with an account', () => {
    const members = system.resources.flatMap(({ inputs: { member } }) => (typeof member === 'string' ? [member] : []));
    expect(members.length).toBeGreaterThan(50);
    expect(members.filter((member) => /^all(Authenticated)?Users$/.test(member))).toEqual([]);
  });

  test('the images are those of the stack, by digest', () => {
    for (const service of SERVICES) expect(templateOf(system, service).containers[0].image).toBe(IMAGES[service]);
  });

  test('a request may take as long as the slowest task, and probes look where the services answer', () => {
    for (const service of SERVICES) {
      const { timeout, containers } = templateOf(system, service);
      expect(timeout).toBe(`${REQUEST_TIMEOUT_SECONDS}s`);
      expect([containers[0].startupProbe.httpGet.path, containers[0].livenessProbe.httpGet.path]).toEqual([
        '/readyz',
        '/healthz',
      ]);
    }
  });

  test('an instance takes all that the topology may have at work in it', () => {
    for (const service of SERVICES) {
      const deliveries = topology.subscriptions
        .filter((subscription) => subscription.service === service)
        .reduce((sum, { maxConcurrency }) => sum + maxConcurrency, 0);
      expect(templateOf(system, service).maxInstanceRequestConcurrency).toBeGreaterThan(deliveries);
    }
  });

  test('one instance alone calls Telegram, so that one keeps the distance between two calls', () => {
    expect(templateOf(system, inviteQueue.service).scaling).toEqual({ maxInstanceCount: 1 });
  });

  test('sizes are those of the stack', async () => {
    const sized = await declareOnMocks(
      stackConfig({
        ...WHOLE,
        'paid-community:minInstances': '1',
        'paid-community:sizes': JSON.stringify({
          [intakeService]: { minInstances: 2, maxInstances: 40, cpu: 2, memory: '1Gi' },
        }),
      }),
    );
    expect(templateOf(sized, intakeService).scaling).toEqual({ maxInstanceCount: 40 });
    expect(templateOf(sized, intakeService).containers[0].resources).toMatchObject({
      limits: { cpu: '2', memory: '1Gi' },
    });
    expect(templateOf(sized, joinTracker).scaling).toEqual({ maxInstanceCount: 10 });
    // Of the service: a revision that can be addressed, such as one that was rolled back, keeps none running.
    expect([intakeService, joinTracker].map((service) => inputsOf(sized, service)['scaling'])).toEqual([
      { minInstanceCount: 2 },
      { minInstanceCount: 1 },
    ]);
  });

  test('have a processor between requests exactly when telemetry is sent, which timers do', async () => {
    const idles = (declared: DeclaredSystem): readonly unknown[] =>
      SERVICES.map(
        (service) => (templateOf(declared, service).containers[0].resources as { readonly cpuIdle: unknown }).cpuIdle,
      );
    expect(new Set(idles(system))).toEqual(new Set([true]));
    const sending = { ...WHOLE, 'paid-community:OTEL_EXPORTER_OTLP_ENDPOINT': 'https://otlp.example.com' };
    expect(new Set(idles(await declareOnMocks(stackConfig(sending))))).toEqual(new Set([false]));
    expect(
      new Set(idles(await declareOnMocks(stackConfig({ ...sending, 'paid-community:OTEL_SDK_DISABLED': 'true' })))),
    ).toEqual(new Set([true]));
  });

  test('without images everything else is there: there is a registry to push to, and there are secrets to fill', async () => {
    const foundation = await declareOnMocks(stackConfig({ ...WHOLE, 'paid-community:images': '' }));
    const types = new Set(foundation.resources.map(({ type }) => type));
    for (const type of [
      'gcp:artifactregistry/repository:Repository',
      'gcp:secretmanager/secret:Secret',
      'gcp:pubsub/topic:Topic',
      'gcp:firestore/database:Database',
    ]) {
      expect(types).toContain(type);
    }
    // A subscription that delivers to nobody would use up the attempts of what is published meanwhile.
    expect(types).not.toContain('gcp:cloudrunv2/service:Service');
    expect(
      foundation
        .ofType('gcp:pubsub/subscription:Subscription')
        .filter(({ inputs }) => inputs['pushConfig'] !== undefined),
    ).toEqual([]);
  });
});

describe.each(SERVICES)('the variables of %s', (service) => {
  const envs = (): Container['envs'] => templateOf(system, service).containers[0].envs;

  test('satisfy its own config.ts, and none is one that it does not read', () => {
    const environment = Object.fromEntries(
      envs().map(({ name, value, valueSource }) => [
        name,
        valueSource === undefined ? value : SECRET_VALUES[valueSource.secretKeyRef.secret],
      ]),
    );
    const { values } = readProcessConfig[service](environment);
    expect(values).toMatchObject({ BACKEND: 'gcp', GCP_PROJECT: 'project-staging' });
    for (const { name } of envs()) expect(Object.keys(values)).toContain(name);
  });

  test('hold no secret as a text: each is a version in Secret Manager, under the name of the variable', () => {
    const fromSecrets = envs().filter(({ valueSource }) => valueSource !== undefined);
    const environment = Object.fromEntries(envs().map(({ name, value }) => [name, value ?? SECRET_VALUES[name]]));
    const texts = readProcessConfig[service](environment).secrets.filter((text) => text !== '');
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts)
      expect(fromSecrets.some(({ name }) => SECRET_VALUES[name]?.includes(text) === true)).toBe(true);
    for (const { name, valueSource } of fromSecrets)
      expect(valueSource?.secretKeyRef).toEqual({ secret: name, version: '1' });
  });

  test('are none that Cloud Run keeps to itself, and each is there once', () => {
    const names = envs().map(({ name }) => name);
    expect(names.filter((name) => ['PORT', 'K_SERVICE', 'K_REVISION', 'K_CONFIGURATION'].includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});

test('a projectNumber of another project is found out by the URLs that Cloud Run gives', () => {
  const given = ['https://join-tracker-123456789012.asia-south1.run.app', 'https://join-tracker-abc-el.a.run.app'];
  expect(requireUrl(given[0] ?? '', given)).toBe(true);
  expect(() => requireUrl('https://join-tracker-999999999999.asia-south1.run.app', given)).toThrow(
    'projectNumber is not that of the project',
  );
});

test('a secret that nobody needs has a place for its value before a service reads it', () => {
  const optional = SERVICES.flatMap((service) =>
    serviceVariables(service)
      .secrets.filter(({ required }) => !required)
      .map(({ name }) => name),
  );
  const places = system.ofType('gcp:secretmanager/secret:Secret').map(({ inputs }) => inputs['secretId']);
  for (const name of optional) expect(places).toContain(name);
  const filled = system.outputs['secrets'] as readonly string[];
  expect(filled).toEqual(expect.arrayContaining(['INTAKE_API_KEYS', 'TELEGRAM_BOT_TOKEN', 'WEBENGAGE_API_KEY']));
  expect(filled).not.toContain('OTEL_EXPORTER_OTLP_HEADERS');
});

test('the tokens of further bots are for link-worker alone, and only where the stack names a version of them', async () => {
  const holders = (declared: DeclaredSystem): readonly ServiceName[] =>
    SERVICES.filter((service) =>
      templateOf(declared, service).containers[0].envs.some(({ name }) => name === 'TELEGRAM_BOT_TOKENS'),
    );
  const more = await declareOnMocks(
    stackConfig({
      ...WHOLE,
      'paid-community:bots': '3',
      'paid-community:secretVersions': '{"TELEGRAM_BOT_TOKENS":"2"}',
    }),
  );
  expect(holders(more)).toEqual([linkWorker]);
  expect(holders(system)).toEqual([]);
});

test('a new version of a secret is a new revision of those that read it', async () => {
  const rotated = await declareOnMocks(
    stackConfig({ ...WHOLE, 'paid-community:secretVersions': '{"TELEGRAM_BOT_TOKEN":"2"}' }),
  );
  const changed = SERVICES.filter(
    (service) => JSON.stringify(templateOf(rotated, service)) !== JSON.stringify(templateOf(system, service)),
  );
  expect(changed).toEqual([linkWorker]);
  const webhook = await declareOnMocks(
    stackConfig({ ...WHOLE, 'paid-community:secretVersions': '{"TELEGRAM_WEBHOOK_SECRET":"2"}' }),
  );
  expect(
    SERVICES.filter(
      (service) => JSON.stringify(templateOf(webhook, service)) !== JSON.stringify(templateOf(system, service)),
    ),
  ).toEqual([linkWorker, joinTracker]);
});

test('a setting of the stack reaches the service that reads it, and no other', async () => {
  const paced = await declareOnMocks(stackConfig({ ...WHOLE, 'paid-community:SAFE_RPS_SLEEP_MS': '1000' }));
  const holders = SERVICES.filter((service) =>
    templateOf(paced, service).containers[0].envs.some(
      ({ name, value }) => name === 'SAFE_RPS_SLEEP_MS' && value === '1000',
    ),
  );
  expect(holders).toEqual([linkWorker]);
});
