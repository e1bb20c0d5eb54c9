import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startScriptedServerOn, type ScriptedAnswer, type ScriptedServer } from '@paid-community/shared/testing/scripted-server.ts';
import { FakeGcloud, type CommandResult, type GcloudState } from './testing/fake-gcloud.ts';

const DIGEST = 'a'.repeat(64);
const COMMIT = 'c'.repeat(40);
const OLD = 'link-worker-00001-old';
const NEW = 'link-worker-00002-new';
const answers = (status: number, count: number): readonly object[] => Array.from({ length: count }, () => ({ httpRequest: { status } }));

describe('deploying one service', () => {
  let canary: ScriptedServer | undefined;
  let gcloud: FakeGcloud | undefined;

  beforeEach(() => {
    canary = undefined;
    gcloud = undefined;
  });

  afterEach(async () => {
    gcloud?.close();
    await canary?.close();
  });

  async function deploy(changes: Partial<GcloudState> & { readonly readyz?: ScriptedAnswer; readonly starts?: boolean }): Promise<{ result: CommandResult; state: GcloudState }> {
    const { readyz = { status: 200, body: { ok: true } }, starts = true, ...state } = changes;
    canary = await startScriptedServerOn(0, readyz);
    gcloud = new FakeGcloud({
      calls: [],
      traffic: [{ revisionName: OLD, percent: 100, latestRevision: true }],
      latestReadyRevisionName: OLD,
      commits: {},
      log: {},
      ...state,
      next: { name: NEW, starts, url: canary.url },
    });
    const result = await gcloud.run('deploy-service.ts', [
      '--service', 'link-worker', '--image', `registry.test/images/link-worker@sha256:${DIGEST}`, '--commit', COMMIT, '--project', 'demo-project', '--watch-minutes', '0',
    ]);
    return { result, state: gcloud.state };
  }

  test('a healthy revision gets a share first and then everything', async () => {
    const { result, state } = await deploy({ log: { [NEW]: answers(200, 50), [OLD]: answers(200, 450) } });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const changes = state.calls.filter((call) => /deploy|update-traffic/.test(call));
    expect(changes).toEqual([
      `run deploy link-worker --image=registry.test/images/link-worker@sha256:${DIGEST} --no-traffic --tag=canary --labels=commit=${COMMIT}`,
      `run services update-traffic link-worker --to-revisions=${NEW}=10,${OLD}=90`,
      'run services update-traffic link-worker --to-latest',
    ]);
    expect(state.traffic).toEqual([{ revisionName: NEW, percent: 100, latestRevision: true }]);
    expect(canary?.requests.map((request) => request.path)).toEqual(['/readyz']);
  });

  test('a revision that does not start gets no traffic, and the one before keeps all of it', async () => {
    const { result, state } = await deploy({ starts: false });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('failed the configured startup probe checks');
    expect(state.traffic).toEqual([{ revisionName: OLD, percent: 100, latestRevision: true }]);
  });

  test('a revision that is not ready gets no traffic', async () => {
    const { result, state } = await deploy({ readyz: { status: 503, body: { ok: false, error: { code: 'unavailable', message: 'Firestore does not answer' } } } });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('Firestore does not answer');
    expect(state.traffic).toEqual([{ revisionName: OLD, percent: 100 }]);
    expect(state.calls.some((call) => call.includes(`${NEW}=`))).toBe(false);
  });

  test('a service that is closed to the outside is judged by its startup probe and its log', async () => {
    const { result } = await deploy({ readyz: { status: 404, body: '<html>not found</html>' }, log: { [NEW]: answers(200, 30) } });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain('not reachable from here');
  });

  test('a canary that fails more often than the revision beside it is rolled back', async () => {
    const { result, state } = await deploy({ log: { [NEW]: [...answers(200, 40), ...answers(503, 10)], [OLD]: answers(200, 400) } });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('10 of its 50 requests failed');
    expect(result.stdout).toContain(`rolled back to ${OLD}`);
    expect(state.traffic).toEqual([{ revisionName: OLD, percent: 100 }]);
  });

  test('a canary whose container ends by itself is rolled back, however few requests it had', async () => {
    const { result, state } = await deploy({ log: { [NEW]: [...answers(200, 1), { severity: 'ERROR' }] } });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('ended 1 times by themselves');
    expect(state.traffic).toEqual([{ revisionName: OLD, percent: 100 }]);
  });

  test('an outage that both revisions see alike is no reason to go back', async () => {
    const { result } = await deploy({ log: { [NEW]: answers(503, 50), [OLD]: answers(503, 450) } });
    expect(result.exitCode).toBe(0);
  });

  test('a split that was there before is kept in proportion and restored as it was', async () => {
    const traffic = [
      { revisionName: OLD, percent: 60 },
      { revisionName: 'link-worker-00000-older', percent: 40 },
    ];
    const { state } = await deploy({ traffic, log: { [NEW]: answers(500, 50) } });
    expect(state.calls).toContain(`run services update-traffic link-worker --to-revisions=${NEW}=10,${OLD}=54,link-worker-00000-older=36`);
    expect(state.traffic).toEqual(traffic);
  });

  test('what is wrong with the arguments is said, with exit code 2, and nothing is touched', async () => {
    gcloud = new FakeGcloud({ calls: [], traffic: [], commits: {}, log: {}, next: { name: NEW, starts: true, url: '' } });
    const byTag = await gcloud.run('deploy-service.ts', ['--service', 'link-worker', '--image', 'link-worker:latest', '--commit', COMMIT, '--project', 'demo-project']);
    expect(byTag.exitCode).toBe(2);
    expect(byTag.stderr).toContain('--image must be an image by digest');
    const unknown = await gcloud.run('deploy-service.ts', ['--service', 'mailer']);
    expect(unknown.stderr).toContain('--service must be one of: intake-service, link-worker, join-tracker, event-emitter');
    expect(gcloud.state.calls).toEqual([]);
  });
});
