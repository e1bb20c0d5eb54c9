import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SERVICES } from '@paid-community/shared/topology.ts';
import { served, serving } from './testing/cloud-run-stand-in.ts';
import { StandInCloud, type CommandResult } from './testing/stand-in-cloud.ts';

const COMMIT = 'c'.repeat(40);
const REPOSITORY = 'registry.test/project/images';

describe('one release', () => {
  let cloud: StandInCloud;

  beforeEach(() => {
    // Nobody knows what they were made of, so that each of them is another here. There is nothing to watch in the first
    // revision of a service.
    cloud = new StandInCloud({
      services: Object.fromEntries(
        SERVICES.map((service) => [service, { ...serving(service, { image: 'old' }), traffic: [] }]),
      ),
    });
  });

  afterEach(() => cloud.close());

  function release(): Promise<CommandResult> {
    return cloud.run('deploy-changed.ts', [
      '--project',
      'demo-project',
      '--repository',
      REPOSITORY,
      '--commit',
      COMMIT,
    ]);
  }

  test('builds and deploys every service that is another, receivers of events first', async () => {
    const result = await release();
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.stdout).toContain(`changed: ${SERVICES.toReversed().join(', ')}\n`);
    for (const service of SERVICES) {
      const state = cloud.state.services[service];
      expect(state?.template.image).toBe(
        `${REPOSITORY}/${service}@${String(cloud.state.images[`${REPOSITORY}/${service}:${COMMIT}`])}`,
      );
      expect(state === undefined ? {} : Object.values(served(state))).toEqual([100]);
    }
    expect(cloud.callsOf('run deploy').map((call) => call.split(' ')[3])).toEqual(SERVICES.toReversed());
  });

  test('goes on with the others when one fails, and ends with 1 and its name', async () => {
    cloud.command(
      'docker',
      `case "$*" in *SERVICE=join-tracker*) echo "no space left" >&2; exit 1;; *) exec "${process.execPath}" --disable-warning=ExperimentalWarning "${import.meta.dirname}/testing/docker.ts" "$@";; esac`,
    );
    const result = await release();
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('no space left');
    expect(result.stderr).toContain('not deployed: join-tracker\n');
    expect(cloud.callsOf('run deploy').map((call) => call.split(' ')[3])).toEqual([
      'event-emitter',
      'link-worker',
      'intake-service',
    ]);
  });

  test('says what is wrong with its arguments, and touches nothing', async () => {
    const result = await cloud.run('deploy-changed.ts', [
      '--project',
      'demo-project',
      '--repository',
      REPOSITORY,
      '--commit',
      'main',
    ]);
    expect(result).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--commit must be the 40 hex digits of a commit') as unknown,
    });
    expect(cloud.state.calls).toEqual([]);
  });
});
