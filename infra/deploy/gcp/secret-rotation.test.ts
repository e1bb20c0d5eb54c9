import { describe, expect, test } from '@jest/globals';
import { startScriptedServerOn } from '@paid-community/shared/platform/testing/scripted-server.ts';
import { linkWorker } from '@paid-community/shared/topology.ts';
import {
  deploy,
  replaceTemplate,
  served,
  serving,
  type CloudState,
  type ServiceState,
  type Template,
} from '../delivery/testing/cloud-run-stand-in.ts';
import { StandInCloud } from '../delivery/testing/stand-in-cloud.ts';
import { OF_DEPLOYS } from './services.ts';
import { declareOnMocks } from './testing/declared-system.ts';
import { IMAGES, stackConfig, WHOLE } from './testing/stack-configs.ts';

const REPOSITORY = 'asia-south1-docker.pkg.dev/project-staging/paid-community/link-worker';
const GOOD = `${REPOSITORY}@sha256:${'a'.repeat(64)}`;
const BAD = `${REPOSITORY}@sha256:${'b'.repeat(64)}`;
const COMMIT = 'c'.repeat(40);

/** The variables of link-worker as the program declares them, each secret with its version. */
async function declaredEnvironment(tokenVersion: string): Promise<Template['env']> {
  const system = await declareOnMocks(
    stackConfig({ ...WHOLE, 'paid-community:secretVersions': JSON.stringify({ TELEGRAM_BOT_TOKEN: tokenVersion }) }),
  );
  const inputs = system.ofType('gcp:cloudrunv2/service:Service').find(({ inputs: { name } }) => name === linkWorker)
    ?.inputs['template'] as {
    readonly containers: readonly [
      {
        readonly envs: readonly {
          readonly name: string;
          readonly value?: string;
          readonly valueSource?: { readonly secretKeyRef: { readonly secret: string; readonly version: string } };
        }[];
      },
    ];
  };
  return Object.fromEntries(
    inputs.containers[0].envs.map(({ name, value, valueSource }) => [
      name,
      value ?? `${String(valueSource?.secretKeyRef.secret)}@${String(valueSource?.secretKeyRef.version)}`,
    ]),
  );
}

/**
 * `pulumi up` for this service: it reads what is there (`refresh: always`), keeps of it what `ignored` names, and sends
 * the rest as declared. The traffic is ignored too, so it stays.
 */
function pulumiUp(state: ServiceState, env: Template['env'], ignored: readonly string[]): void {
  const { image, labels, revision } = state.template;
  const keep = <T>(path: string, value: T): T | undefined => (ignored.includes(path) ? value : undefined);
  const kept = keep('template.revision', revision);
  const template: Template = {
    image: keep('template.containers[0].image', image) ?? IMAGES[linkWorker],
    labels: keep('template.labels', labels) ?? {},
    env,
    ...(kept === undefined ? {} : { revision: kept }),
  };
  replaceTemplate(linkWorker, state, template, []);
}

function expectNewestSecretServes(state: ServiceState, image: string): void {
  const [revision, ...others] = Object.keys(served(state));
  expect(others).toEqual([]);
  expect(state.revisions.find((candidate) => candidate.revision === revision)).toMatchObject({
    image,
    env: { TELEGRAM_BOT_TOKEN: 'TELEGRAM_BOT_TOKEN@2' },
  });
}

/** The service as the program made it, then deploys of these images, each with what its canary answers. */
async function afterDeploys(
  deploys: readonly { readonly image: string; readonly healthy: boolean }[],
  broken: readonly string[] = [],
): Promise<ServiceState> {
  const canary = await startScriptedServerOn(0, { status: 200, body: { ok: true } });
  const first = serving(linkWorker, { image: IMAGES[linkWorker], env: await declaredEnvironment('1') });
  const answers = (status: number): readonly object[] =>
    Array.from({ length: 50 }, () => ({ httpRequest: { status } }));
  const cloud = new StandInCloud({ services: { [linkWorker]: first }, canaryUrl: canary.url, broken: [...broken] });
  try {
    for (const { image, healthy } of deploys) {
      const before = cloud.state;
      const next = `${linkWorker}-${String((before.services[linkWorker]?.revisions.length ?? 0) + 1).padStart(5, '0')}-auto`;
      cloud.state = { ...before, log: { [next]: answers(healthy ? 200 : 500) } };
      const { exitCode } = await cloud.run('deploy-service.ts', [
        '--service',
        linkWorker,
        '--image',
        image,
        '--commit',
        COMMIT,
        '--project',
        'project-staging',
        '--watch-minutes',
        '0',
      ]);
      expect(exitCode).toBe(healthy ? 0 : 1);
    }
    const state = cloud.state.services[linkWorker];
    if (state === undefined) throw new Error('The service is gone');
    return state;
  } finally {
    cloud.close();
    await canary.close();
  }
}

describe('a secret that is rotated takes effect in what serves', () => {
  test('after a deploy', async () => {
    const state = await afterDeploys([{ image: GOOD, healthy: true }]);
    pulumiUp(state, await declaredEnvironment('2'), OF_DEPLOYS);
    expectNewestSecretServes(state, GOOD);
  });

  test('after a deploy, and another one whose canary was rolled back', async () => {
    const state = await afterDeploys([
      { image: GOOD, healthy: true },
      { image: BAD, healthy: false },
    ]);
    pulumiUp(state, await declaredEnvironment('2'), OF_DEPLOYS);
    expectNewestSecretServes(state, GOOD);
  });

  test('after a deploy, and another one that did not start', async () => {
    const state = await afterDeploys(
      [
        { image: GOOD, healthy: true },
        { image: BAD, healthy: false },
      ],
      [BAD],
    );
    pulumiUp(state, await declaredEnvironment('2'), OF_DEPLOYS);
    expectNewestSecretServes(state, GOOD);
  });

  test('the guard itself: with a named revision that the program keeps, the change is refused', async () => {
    const state = serving(linkWorker, { image: GOOD, env: await declaredEnvironment('1') });
    const cloud: CloudState = {
      calls: [],
      services: { [linkWorker]: state },
      images: {},
      broken: [],
      canaryUrl: '',
      log: {},
    };
    deploy(linkWorker, [`--image=${BAD}`, '--no-traffic', '--tag=canary'], cloud);
    const env = await declaredEnvironment('2');
    expect(() => pulumiUp(state, env, [...OF_DEPLOYS, 'template.revision'])).toThrow(
      'different configuration already exists',
    );
    expect(() => pulumiUp(state, env, OF_DEPLOYS)).not.toThrow();
  });
});
