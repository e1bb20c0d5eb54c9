import { execFileSync } from 'node:child_process';
import {
  accessSync,
  cpSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { SERVICES } from '@paid-community/shared/topology.ts';
import { served, serving } from '../delivery/testing/cloud-run-stand-in.ts';
import { runProgram, StandInCloud, type CommandResult } from '../delivery/testing/stand-in-cloud.ts';

// The very command lines of the workflows, in a checkout without node_modules, with nothing on the PATH but what their
// machine has.

const ROOT = join(import.meta.dirname, '..', '..', '..');
const REPOSITORY = 'registry.test/project/images';

/** Programs that every image has. */
const BASE = ['bash', 'sh', 'env', 'cat', 'cp', 'ls', 'mkdir', 'rm', 'uname', 'id'];
/**
 * What the images of the steps add to it, gcloud aside: https://github.com/GoogleCloudPlatform/cloud-sdk-docker
 * (debian_slim/Dockerfile, emulators/Dockerfile),
 * https://github.com/GoogleCloudPlatform/cloud-builders/tree/master/git.
 */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'ubuntu-latest': ['git', 'gcloud', 'docker', 'node'],
  'gcr.io/cloud-builders/git': ['git'],
  'gcr.io/google.com/cloudsdktool/google-cloud-cli:emulators': ['gcloud', 'apt-get', 'python3', 'curl', 'java'],
  'gcr.io/google.com/cloudsdktool/google-cloud-cli:slim': ['gcloud', 'apt-get', 'python3', 'curl', 'git'],
};
/** Debian's packages that a step may add, with the program that each brings. */
const DEBIAN = { git: 'git', 'docker-cli': 'docker', 'docker-buildx': 'docker-buildx' };

interface Step {
  readonly id: string;
  readonly name: string;
  readonly entrypoint?: string;
  readonly args: readonly string[];
  readonly env?: readonly string[];
}

describe('on a clean checkout', () => {
  let folder: string;
  let origin: string;
  let cloud: StandInCloud;
  let head: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'workflow-'));
    origin = join(folder, 'origin');
    copyTree(origin);
    // Whether the tests pass is not for this test to say; the step must get to them, with what they need.
    writeFileSync(join(origin, '.ci', 'run'), '#!/usr/bin/env bash\nset -e\ngit --version\nnode --version\n');
    git('init', '--quiet', '--initial-branch=main');
    const deployed = commit('first');
    writeFileSync(join(origin, 'link-worker', 'src', 'another-file.ts'), '');
    head = commit('second');
    cloud = new StandInCloud({
      services: Object.fromEntries(
        SERVICES.map((service) => [
          service,
          serving(service, { image: `${REPOSITORY}/${service}@sha256:${'0'.repeat(64)}`, commit: deployed }),
        ]),
      ),
    });
    // Nothing to watch, so that nothing is waited for.
    const state = cloud.state;
    state.services['link-worker'] = { ...serving('link-worker', { image: 'old' }), traffic: [] };
    cloud.state = state;
  });

  afterEach(() => {
    cloud.close();
    rmSync(folder, { recursive: true });
  });

  function git(...args: readonly string[]): string {
    return execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
      cwd: origin,
      encoding: 'utf8',
    }).trim();
  }

  function commit(message: string): string {
    git('add', '--all');
    git('commit', '--quiet', '-m', message);
    return git('rev-parse', 'HEAD');
  }

  /**
   * A folder with these programs and no others; `/opt/node/bin` and `/usr/local` stand in it too, as the volumes and
   * the image of Node have them.
   */
  function path(programs: readonly string[]): string {
    const bin = mkdtempSync(join(folder, 'bin-'));
    for (const program of [...BASE, ...programs]) {
      const standIn = { gcloud: join(cloud.bin, 'gcloud'), docker: join(cloud.bin, 'docker'), node: process.execPath }[
        program
      ];
      if (program === 'apt-get') writeAptGet(bin);
      else if (program !== 'java') symlinkSync(standIn ?? which(program), join(bin, program));
    }
    return bin;
  }

  /** Installs only what Debian has under that name, and only after an update. */
  function writeAptGet(bin: string): void {
    const known = Object.entries(DEBIAN).map(
      ([name, program]) =>
        `${name}) ln -s "${program === 'git' ? which('git') : join(cloud.bin, 'docker')}" "${bin}/${program}";;`,
    );
    const script = `case "$1" in update) : > "${bin}/.updated"; exit 0;; esac\n[ -e "${bin}/.updated" ] || { echo 'E: Unable to locate package' >&2; exit 100; }\nshift\nfor name; do case "$name" in -*) ;; ${known.join(' ')} *) echo "E: Unable to locate package $name" >&2; exit 100;; esac; done`;
    writeFileSync(join(bin, 'apt-get'), `#!/bin/sh\nPATH="${process.env['PATH'] ?? ''}"\n${script}\n`);
    chmodSync(join(bin, 'apt-get'), 0o755);
  }

  function environment(programs: string, more: Readonly<Record<string, string>>): Record<string, string | undefined> {
    return { PATH: programs, HOME: folder, FAKE_CLOUD_STATE: cloud.environment['FAKE_CLOUD_STATE'], ...more };
  }

  function expectReleased(result: CommandResult): void {
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.stdout).toContain('changed: link-worker\n');
    expect(cloud.callsOf('docker build')).toHaveLength(1);
    const state = cloud.state.services['link-worker'];
    expect(state?.template.labels['commit']).toBe(head);
    expect(state === undefined ? {} : Object.values(served(state))).toEqual([100]);
    expect(cloud.callsOf('configure-docker')).toEqual(['gcloud auth configure-docker registry.test']);
  }

  test('the deploy of the GitHub workflow releases what has changed', async () => {
    const { jobs } = parse(readFileSync(join(ROOT, '.github', 'workflows', 'deploy-environment.yml'), 'utf8')) as {
      readonly jobs: {
        readonly deploy: {
          readonly steps: readonly { readonly run?: string; readonly env?: Readonly<Record<string, string>> }[];
        };
      };
    };
    const scripts = jobs.deploy.steps.filter((step) => step.run !== undefined);
    expect(scripts).toHaveLength(1);
    const [{ run = '', env = {} } = {}] = scripts;
    const values: Readonly<Record<string, string>> = {
      PROJECT: 'demo-project',
      REGION: 'asia-south1',
      IMAGE_REPOSITORY: REPOSITORY,
    };
    expect(Object.keys(env)).toEqual(Object.keys(values));
    // As GitHub runs a step without a shell of its own: bash -e.
    const result = await runProgram('/bin/bash', ['-e', '-c', run], {
      cwd: origin,
      env: environment(path(PROGRAMS['ubuntu-latest'] ?? []), { ...values, GITHUB_SHA: head }),
    });
    expectReleased(result);
  });

  test('the steps of cloudbuild.yaml test and release, one after the other, from the shallow clone that Cloud Build makes', async () => {
    const { steps, substitutions } = parse(readFileSync(join(ROOT, 'cloudbuild.yaml'), 'utf8'), { merge: true }) as {
      readonly steps: readonly Step[];
      readonly substitutions: Readonly<Record<string, string>>;
    };
    const workspace = join(folder, 'workspace');
    execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${origin}`, workspace]);
    mkdirSync(join(folder, 'opt', 'node'), { recursive: true });
    mkdirSync(join(folder, 'usr', 'local', 'bin'), { recursive: true });
    mkdirSync(join(folder, 'usr', 'local', 'lib'), { recursive: true });
    symlinkSync(process.execPath, join(folder, 'usr', 'local', 'bin', 'node'));
    const values: Readonly<Record<string, string>> = {
      ...substitutions,
      _IMAGE_REPOSITORY: REPOSITORY,
      PROJECT_ID: 'demo-project',
      COMMIT_SHA: head,
    };
    // One $ is Cloud Build's, two are the shell's; the folders of the machine are folders of this test.
    const filledIn = (text: string): string =>
      text
        .replaceAll(/\$\$|\$\{?(_?[A-Z][A-Z_]*)\}?/g, (found, name: string | undefined) =>
          found === '$$' ? '$' : (values[name ?? ''] ?? found),
        )
        .replaceAll(/\/(opt\/node|usr\/local)(?=[/\s"]|$)/g, `${folder}/$1`);
    const results = new Map<string, CommandResult>();
    for (const { id, name, entrypoint = 'git', args, env = [] } of steps) {
      const programs = name.startsWith('node:') ? ['node'] : (PROGRAMS[name] ?? []);
      expect(programs.length).toBeGreaterThan(0);
      const bin = path(programs);
      const variables = Object.fromEntries(
        env.map((line) => filledIn(line).split(/=(.*)/s).slice(0, 2) as [string, string]),
      );
      const result = await runProgram(join(bin, entrypoint), args.map(filledIn), {
        cwd: workspace,
        env: environment(bin, variables),
      });
      expect({ id, ...result }).toMatchObject({ id, exitCode: 0 });
      results.set(id, result);
    }
    expect(results.get('test')?.stdout).toContain('git version');
    expectReleased(results.get('deploy') ?? { exitCode: -1, stdout: '', stderr: '' });
  });

  test('a build of cloudbuild.yaml goes on where the history cannot be fetched', async () => {
    const { steps } = parse(readFileSync(join(ROOT, 'cloudbuild.yaml'), 'utf8'), { merge: true }) as {
      readonly steps: readonly Step[];
    };
    const history = steps.find(({ id }) => id === 'history');
    const workspace = join(folder, 'workspace');
    execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${origin}`, workspace]);
    // A repository that asks for credentials, and a clone that is whole already: git ends with 128 both times.
    execFileSync('git', ['-C', workspace, 'remote', 'set-url', 'origin', `file://${folder}/no-such-repository`]);
    for (const cwd of [workspace, origin]) {
      const bin = path(PROGRAMS[history?.name ?? ''] ?? []);
      const result = await runProgram(join(bin, history?.entrypoint ?? 'git'), history?.args ?? [], {
        cwd,
        env: environment(bin, {}),
      });
      expect(result).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('more services may be deployed') as unknown,
      });
    }
  });

  test('the guard itself: without the import that finds the packages of this repository, nothing is released', async () => {
    const result = await runProgram(
      '/bin/bash',
      [
        '-e',
        '-c',
        `node infra/deploy/delivery/deploy-changed.ts --project demo-project --repository ${REPOSITORY} --commit ${head}`,
      ],
      { cwd: origin, env: environment(path(PROGRAMS['ubuntu-latest'] ?? []), {}) },
    );
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain('ERR_MODULE_NOT_FOUND');
  });
});

/** What git would check out, as it is now: no node_modules, nothing that is ignored. */
function copyTree(target: string): void {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  for (const file of files.split('\0').filter((name) => name !== '')) {
    try {
      accessSync(join(ROOT, file));
    } catch {
      // Deleted, and not committed yet.
      continue;
    }
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(ROOT, file), join(target, file));
  }
}

function which(program: string): string {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file);
        return true;
      } catch {
        return false;
      }
    });
  if (found === undefined) throw new Error(`${program} is not on this machine`);
  return found;
}
