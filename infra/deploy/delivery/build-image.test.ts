import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StandInCloud, type CommandResult } from './testing/stand-in-cloud.ts';

const COMMIT = 'c'.repeat(40);
const IMAGE = 'registry.test/project/images/link-worker';
const DIGEST = `sha256:${'d'.repeat(64)}`;

describe('making an image', () => {
  let cloud: StandInCloud;

  beforeEach(() => {
    cloud = new StandInCloud();
  });

  afterEach(() => cloud.close());

  function build(): Promise<CommandResult> {
    return cloud.run('build-image.ts', [
      '--service',
      'link-worker',
      '--repository',
      'registry.test/project/images',
      '--commit',
      COMMIT,
    ]);
  }

  test('a commit that has no image is built for the service and pushed; the answer is its digest, and nothing else is on standard output', async () => {
    const { exitCode, stdout, stderr } = await build();
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `${IMAGE}@${String(cloud.state.images[`${IMAGE}:${COMMIT}`])}\n`,
    });
    expect(stderr).toContain('build of');
    expect(cloud.callsOf('docker build', 'docker push')).toEqual([
      `docker build --file infra/deploy/docker/Dockerfile --platform linux/amd64 --build-arg SERVICE=link-worker --tag ${IMAGE}:${COMMIT} .`,
      `docker push ${IMAGE}:${COMMIT}`,
    ]);
  });

  test('a commit that has an image is not built again, also beside other tags', async () => {
    cloud.state = {
      ...cloud.state,
      images: { [`${IMAGE}:${'e'.repeat(40)}`]: `sha256:${'e'.repeat(64)}`, [`${IMAGE}:${COMMIT}`]: DIGEST },
    };
    expect(await build()).toMatchObject({ exitCode: 0, stdout: `${IMAGE}@${DIGEST}\n` });
    expect(cloud.callsOf('docker build', 'docker push')).toEqual([]);
  });

  test('nothing is asked but the registry: for what asks Service Usage as well, a deployer has no role', async () => {
    await build();
    expect(cloud.callsOf('artifacts').every((call) => call.startsWith('gcloud artifacts docker tags list '))).toBe(
      true,
    );
  });

  test('a registry that refuses is not taken for one without the image', async () => {
    cloud.command('gcloud', `echo 'ERROR: PERMISSION_DENIED' >&2; exit 1`);
    const result = await build();
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toContain('PERMISSION_DENIED');
    expect(cloud.callsOf('docker build')).toEqual([]);
  });
});
