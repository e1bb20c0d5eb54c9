import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serving, type CloudState } from './testing/cloud-run-stand-in.ts';
import { StandInCloud } from './testing/stand-in-cloud.ts';

/** Receivers of events before their publishers. */
const ALL = ['event-emitter', 'join-tracker', 'link-worker', 'intake-service'];

describe('which services a commit changes', () => {
  let repository: string;
  let deployed: string;

  beforeEach(() => {
    repository = mkdtempSync(join(tmpdir(), 'changed-'));
    git('init', '--quiet');
    for (const path of [
      ...ALL.map((service) => `${service}/src/main.ts`),
      'shared/src/topology.ts',
      'README.md',
      'infra/deploy/docker/Dockerfile',
    ])
      write(path, '1');
    deployed = commit();
  });

  afterEach(() => rmSync(repository, { recursive: true }));

  function git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
    return execFileSync('git', [...identity, ...args], { cwd: repository, encoding: 'utf8' }).trim();
  }

  function write(path: string, text: string): void {
    mkdirSync(join(repository, path, '..'), { recursive: true });
    writeFileSync(join(repository, path), text);
  }

  function commit(): string {
    git('add', '.');
    git('commit', '--quiet', '-m', 'change');
    return git('rev-parse', 'HEAD');
  }

  /** What is found when every service serves `serving`. */
  async function changed(commit = deployed): Promise<unknown> {
    return read(Object.fromEntries(ALL.map((service) => [service, serving(service, { image: 'i', commit })])));
  }

  async function read(services: CloudState['services']): Promise<unknown> {
    const cloud = new StandInCloud({ services });
    const result = await cloud.run('changed-services.ts', ['--project', 'demo-project'], repository);
    cloud.close();
    expect(result.stderr).toBe('');
    return JSON.parse(result.stdout) as unknown;
  }

  test('none, when what is deployed is what is here, or only documents and tests differ', async () => {
    expect(await changed()).toEqual([]);
    write('README.md', '2');
    write('link-worker/src/main.test.ts', '2');
    commit();
    expect(await changed()).toEqual([]);
  });

  test('the one whose folder changed, however many commits ago', async () => {
    write('join-tracker/src/main.ts', '2');
    commit();
    write('README.md', '2');
    commit();
    expect(await changed()).toEqual(['join-tracker']);
  });

  test.each(['shared/src/topology.ts', 'package-lock.json', 'infra/deploy/docker/Dockerfile'])(
    'all, after a change of %s',
    async (path) => {
      write(path, '2');
      commit();
      expect(await changed()).toEqual(ALL);
    },
  );

  test('all, when nobody knows what is deployed', async () => {
    expect(await changed('0'.repeat(40))).toEqual(ALL);
    expect(
      await read(
        Object.fromEntries(
          ALL.map((service) => [
            service,
            { template: { image: 'i', env: {}, labels: {} }, revisions: [], traffic: [] },
          ]),
        ),
      ),
    ).toEqual(ALL);
  });
});
