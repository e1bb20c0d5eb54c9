import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const COMMIT = 'c'.repeat(40);

describe('making an image', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'build-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function command(name: string, script: string): void {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }

  function build(): Promise<{ readonly failed: boolean; readonly stdout: string; readonly stderr: string }> {
    const args = [join(import.meta.dirname, 'build-image.ts'), '--service', 'link-worker', '--repository', 'registry.test/project/images', '--commit', COMMIT];
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
    return new Promise((resolve) => {
      execFile(process.execPath, args, { env }, (error, stdout, stderr) => resolve({ failed: error !== null, stdout, stderr }));
    });
  }

  const dockerCalls = (): string => (existsSync(join(folder, 'docker.log')) ? readFileSync(join(folder, 'docker.log'), 'utf8') : '');

  test('a commit that has no image is built for the service and pushed; the answer is its digest', async () => {
    command('docker', `echo "$@" >> "${folder}/docker.log"; echo building`);
    command('gcloud', `if [ -e "${folder}/docker.log" ]; then echo ${DIGEST}; else echo 'ERROR: Image not found.' >&2; exit 1; fi`);
    expect(await build()).toEqual({ failed: false, stdout: `registry.test/project/images/link-worker@${DIGEST}\n`, stderr: 'building\nbuilding\n' });
    expect(dockerCalls()).toContain(`build --file infra/docker/Dockerfile --platform linux/amd64 --build-arg SERVICE=link-worker --tag registry.test/project/images/link-worker:${COMMIT} .`);
    expect(dockerCalls()).toContain(`push registry.test/project/images/link-worker:${COMMIT}`);
  });

  test('a commit that has an image is not built again', async () => {
    command('docker', `echo "$@" >> "${folder}/docker.log"`);
    command('gcloud', `echo ${DIGEST}`);
    expect(await build()).toMatchObject({ failed: false, stdout: `registry.test/project/images/link-worker@${DIGEST}\n` });
    expect(dockerCalls()).toBe('');
  });

  test('a registry that refuses is not taken for one without the image', async () => {
    command('docker', `echo "$@" >> "${folder}/docker.log"`);
    command('gcloud', `echo 'ERROR: PERMISSION_DENIED' >&2; exit 1`);
    const result = await build();
    expect(result).toMatchObject({ failed: true, stdout: '' });
    expect(result.stderr).toContain('PERMISSION_DENIED');
    expect(dockerCalls()).toBe('');
  });
});
