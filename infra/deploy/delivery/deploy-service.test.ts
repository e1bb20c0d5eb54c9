import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  startScriptedServerOn,
  type ScriptedAnswer,
  type ScriptedServer,
} from '@paid-community/shared/platform/testing/scripted-server.ts';
import { replaceTemplate, served, serving, type CloudState, type ServiceState } from './testing/cloud-run-stand-in.ts';
import { StandInCloud, type CommandResult } from './testing/stand-in-cloud.ts';

const REPOSITORY = 'registry.test/project/images/link-worker';
const imageOf = (digit: string): string => `${REPOSITORY}@sha256:${digit.repeat(64)}`;
const OLD_IMAGE = imageOf('a');
const NEW_IMAGE = imageOf('b');
const OLD_COMMIT = '0'.repeat(40);
const COMMIT = 'c'.repeat(40);
const OLD = 'link-worker-00001-auto';
const NEW = 'link-worker-00002-auto';
const AGAIN = 'link-worker-00003-auto';
const answers = (status: number, count: number): readonly object[] =>
  Array.from({ length: count }, () => ({ httpRequest: { status } }));

describe('deploying one service', () => {
  let canary: ScriptedServer | undefined;
  let cloud: StandInCloud | undefined;

  beforeEach(() => {
    canary = undefined;
    cloud = undefined;
  });

  afterEach(async () => {
    cloud?.close();
    await canary?.close();
  });

  interface Deployed {
    readonly result: CommandResult;
    readonly service: ServiceState;
    /** What changed something, in order. */
    readonly changes: readonly string[];
  }

  async function deploy(
    given: Partial<CloudState> & { readonly readyz?: ScriptedAnswer; readonly service?: ServiceState } = {},
  ): Promise<Deployed> {
    const {
      readyz = { status: 200, body: { ok: true } },
      service = serving('link-worker', { image: OLD_IMAGE, commit: OLD_COMMIT }),
      ...state
    } = given;
    canary = await startScriptedServerOn(0, readyz);
    cloud = new StandInCloud({ ...state, services: { 'link-worker': service }, canaryUrl: canary.url });
    const result = await cloud.run('deploy-service.ts', [
      '--service',
      'link-worker',
      '--image',
      NEW_IMAGE,
      '--commit',
      COMMIT,
      '--project',
      'demo-project',
      '--watch-minutes',
      '0',
    ]);
    const changed = cloud.state.services['link-worker'];
    if (changed === undefined) throw new Error('The service is gone');
    return {
      result,
      service: changed,
      changes: cloud
        .callsOf('deploy ', 'update-traffic', 'tags add')
        .map((call) => call.replace(/^gcloud (run )?/, '')),
    };
  }

  /** The old image is what serves and what the next secret makes a revision of. */
  function expectOldImageBack({ service }: Deployed): void {
    expect(served(service)).toEqual({ [AGAIN]: 100 });
    expect(service.traffic).toEqual([{ percent: 100 }]);
    expect(service.template).toMatchObject({ image: OLD_IMAGE, labels: { commit: OLD_COMMIT } });
  }

  test('a healthy revision gets a share first and then everything, and its image is marked as one to keep', async () => {
    const { result, service, changes } = await deploy({ log: { [NEW]: answers(200, 50), [OLD]: answers(200, 450) } });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(changes).toEqual([
      `deploy link-worker --image=${NEW_IMAGE} --no-traffic --labels=commit=${COMMIT}`,
      `services update-traffic link-worker --update-tags=canary=${NEW}`,
      `services update-traffic link-worker --to-revisions=${NEW}=10,${OLD}=90`,
      'services update-traffic link-worker --to-latest',
      'services update-traffic link-worker --remove-tags=canary',
      `artifacts docker tags add ${NEW_IMAGE} ${REPOSITORY}:serving-demo-project`,
    ]);
    // No tag is left: a tagged revision keeps its instances.
    expect(service.traffic).toEqual([{ percent: 100 }]);
    expect(served(service)).toEqual({ [NEW]: 100 });
    expect(canary?.requests.map((request) => request.path)).toEqual(['/readyz']);
  });

  test('the template bears no name of a revision afterwards, so that another secret or setting is taken', async () => {
    const { service } = await deploy({ log: { [NEW]: answers(200, 50) } });
    expect(service.template.revision).toBeUndefined();
    replaceTemplate('link-worker', service, { ...service.template, env: { KEY: 'version 2' } }, []);
    expect(served(service)).toEqual({ [AGAIN]: 100 });
    // The guard itself: with a name it would be refused.
    const named = { ...service.template, revision: NEW, env: { KEY: 'version 3' } };
    expect(() => replaceTemplate('link-worker', service, named, [])).toThrow('different configuration already exists');
  });

  test('a revision that does not start gets no traffic, and the old image serves and is the template again', async () => {
    const deployed = await deploy({ broken: [NEW_IMAGE] });
    expect(deployed.result.exitCode).toBe(1);
    expect(deployed.result.stderr).toContain('startup probe');
    expect(deployed.result.stdout).toContain(`rolled back to ${OLD}`);
    expectOldImageBack(deployed);
  });

  test('a revision that is not ready gets no traffic', async () => {
    const deployed = await deploy({
      readyz: {
        status: 503,
        body: { ok: false, error: { code: 'unavailable', message: 'Firestore does not answer' } },
      },
    });
    expect(deployed.result.exitCode).toBe(1);
    expect(deployed.result.stderr).toContain('Firestore does not answer');
    expect(deployed.changes.some((call) => call.includes(`${NEW}=10`))).toBe(false);
    expectOldImageBack(deployed);
  });

  test('a service that is closed to the outside is judged by its startup probe and its log', async () => {
    const { result } = await deploy({
      readyz: { status: 404, body: '<html>not found</html>' },
      log: { [NEW]: answers(200, 30) },
    });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain('not reachable from here');
  });

  test('a canary that fails more often than the revision beside it is rolled back: the traffic at once, then the image', async () => {
    const deployed = await deploy({
      log: { [NEW]: [...answers(200, 40), ...answers(503, 10)], [OLD]: answers(200, 400) },
    });
    expect(deployed.result.exitCode).toBe(1);
    expect(deployed.result.stderr).toContain('10 of its 50 requests failed');
    expect(deployed.changes.slice(3)).toEqual([
      `services update-traffic link-worker --to-revisions=${OLD}=100`,
      'services update-traffic link-worker --remove-tags=canary',
      `deploy link-worker --image=${OLD_IMAGE} --no-traffic --labels=commit=${OLD_COMMIT}`,
      'services update-traffic link-worker --to-latest',
    ]);
    expectOldImageBack(deployed);
  });

  test('a canary whose container ends by itself is rolled back, however few requests it had', async () => {
    const deployed = await deploy({ log: { [NEW]: [...answers(200, 1), { severity: 'ERROR' }] } });
    expect(deployed.result.exitCode).toBe(1);
    expect(deployed.result.stderr).toContain('ended 1 times by themselves');
    expectOldImageBack(deployed);
  });

  test('when the old image does not start any more either, its revision keeps the traffic, and that is said', async () => {
    const { result, service } = await deploy({ broken: [NEW_IMAGE, OLD_IMAGE] });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain(`${OLD} stays, and no new secret or setting takes effect, until a deploy succeeds`);
    expect(served(service)).toEqual({ [OLD]: 100 });
  });

  test('an outage that both revisions see alike is no reason to go back', async () => {
    const { result } = await deploy({ log: { [NEW]: answers(503, 50), [OLD]: answers(503, 450) } });
    expect(result.exitCode).toBe(0);
  });

  test('a split that was there before is kept in proportion and restored as it was', async () => {
    const service = serving('link-worker', { image: imageOf('0') });
    replaceTemplate('link-worker', service, { ...service.template, image: OLD_IMAGE }, []);
    const traffic = [
      { revision: NEW, percent: 60 },
      { revision: OLD, percent: 40 },
    ];
    const {
      result,
      service: after,
      changes,
    } = await deploy({ service: { ...service, traffic }, log: { [AGAIN]: answers(500, 50) } });
    expect(changes).toContain(`services update-traffic link-worker --to-revisions=${AGAIN}=10,${NEW}=54,${OLD}=36`);
    expect(after.traffic).toEqual(traffic);
    expect(result.stdout).toContain(
      'no new secret or setting takes effect, until a deploy succeeds (several revisions serve)',
    );
  });

  test('what is wrong with the arguments is said, with exit code 2, and nothing is touched', async () => {
    cloud = new StandInCloud();
    const byTag = await cloud.run('deploy-service.ts', [
      '--service',
      'link-worker',
      '--image',
      'link-worker:latest',
      '--commit',
      COMMIT,
      '--project',
      'demo-project',
    ]);
    expect(byTag.exitCode).toBe(2);
    expect(byTag.stderr).toContain('--image must be an image by digest');
    const unknown = await cloud.run('deploy-service.ts', ['--service', 'mailer']);
    expect(unknown.stderr).toContain(
      '--service must be one of: intake-service, link-worker, join-tracker, event-emitter',
    );
    expect(cloud.state.calls).toEqual([]);
  });
});
