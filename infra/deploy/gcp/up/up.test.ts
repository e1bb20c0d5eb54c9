import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SERVICES } from '@paid-community/shared/topology.ts';
import { runProgram, type CommandResult } from '../../delivery/testing/stand-in-cloud.ts';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const REPOSITORY = 'asia-south1-docker.pkg.dev/demo-project/paid-community';
const SECRETS = [
  'INTAKE_API_KEYS',
  'OPERATOR_API_KEYS',
  'TELEGRAM_BOT_TOKEN',
  'TELEGRAM_WEBHOOK_SECRET',
  'WEBENGAGE_API_KEY',
];
const GIVEN = { TELEGRAM_BOT_TOKEN: '1:bot-token', WEBENGAGE_API_KEY: 'webengage-key' };

/**
 * The real command, with stand-ins for the tools it calls: each writes its arguments down, and keeps what it is told in
 * files.
 */
describe('from an empty project to a system that runs', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'up-'));
    for (const file of ['calls.log', 'pushed']) writeFileSync(join(folder, file), '');
    tool(
      'pulumi',
      `
      case "$1 $2" in
        'stack output') cat ${folder}/outputs.json;;
        'config --json') [ -e ${folder}/images ] && printf '{"paid-community:images":{"objectValue":{%s}}}' "$(sed '$!s/$/,/' ${folder}/images)" || echo '{}';;
        'config set') printf '"%s":"%s"\\n' "\${4#images.}" "$5" >> ${folder}/images;;
        up*) [ ! -e ${folder}/up-fails ];;
        *) exit 64;;
      esac`,
    );
    tool(
      'gcloud',
      `
      case "$1 $2 $3" in
        'secrets versions list') [ -e "${folder}/secret-$4" ] && echo 1 || true;;
        'secrets versions add') cat > "${folder}/secret-$4";;
        'secrets versions access') cat ${folder}/secret-OPERATOR_API_KEYS;;
        'artifacts docker tags')
          tag=$(grep "^$5:" ${folder}/pushed | sed 's/.*://')
          [ -z "$tag" ] && echo '[]' || echo "[{\\"tag\\":\\"projects/p/tags/$tag\\",\\"version\\":\\"projects/p/versions/${DIGEST}\\"}]";;
        'auth configure-docker'*) ;;
        *) exit 64;;
      esac`,
    );
    tool('docker', `if [ "$1" = push ]; then echo "$2" >> ${folder}/pushed; fi`);
    tool('git', 'echo cccccccccccccccccccccccccccccccccccccccc');
    tool(
      'npm',
      `echo "key $OPERATOR_API_KEY" >> ${folder}/calls.log; exit "$(cat ${folder}/doctor 2>/dev/null || echo 0)"`,
    );
    writeFileSync(
      join(folder, 'outputs.json'),
      JSON.stringify({
        GCP_PROJECT: 'demo-project',
        IMAGE_REPOSITORY: REPOSITORY,
        intakeUrl: 'https://intake.test',
        secrets: SECRETS,
      }),
    );
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function tool(name: string, script: string): void {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> ${folder}/calls.log\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }

  function up(
    environment: Readonly<Record<string, string>> = GIVEN,
    args: readonly string[] = ['--stack', 'staging', '--yes'],
  ): Promise<CommandResult> {
    const env = { PATH: `${folder}:/usr/bin:/bin`, ...environment };
    return runProgram(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { env });
  }

  const calls = (): readonly string[] => readFileSync(join(folder, 'calls.log'), 'utf8').trim().split('\n');
  const secret = (name: string): string => readFileSync(join(folder, `secret-${name}`), 'utf8');

  test('one command declares, fills the secrets, builds the images, starts the services, and lets the doctor set the webhook', async () => {
    const run = await up();
    expect(run).toMatchObject({ exitCode: 0 });
    expect(secret('TELEGRAM_BOT_TOKEN')).toBe('1:bot-token');
    expect(secret('TELEGRAM_WEBHOOK_SECRET')).toMatch(/^[0-9a-f]{48}$/);
    expect(secret('OPERATOR_API_KEYS')).toMatch(/^operator:[0-9a-f]{48}$/);
    const steps = calls().filter((call) => /^pulumi up|^docker build|^npm|config set/.test(call));
    expect(steps[0]).toBe('pulumi up --stack staging --yes');
    expect(steps.filter((call) => call.startsWith('docker build'))).toHaveLength(SERVICES.length);
    expect(steps.filter((call) => call.includes('config set'))).toEqual(
      SERVICES.map(
        (service) =>
          `pulumi config set --path images.${service} ${REPOSITORY}/${service}@${DIGEST} --stack staging --non-interactive`,
      ),
    );
    expect(steps.at(-2)).toBe('pulumi up --stack staging --yes');
    expect(steps.at(-1)).toBe('npm run --silent ops -- doctor --fix --url https://intake.test');
    expect(calls()).toContain(`key ${secret('OPERATOR_API_KEYS').slice('operator:'.length)}`);
    // What is secret is handed over by standard input, and is in no list of processes and on no screen.
    for (const name of SECRETS)
      expect([...calls().filter((call) => !call.startsWith('key ')), run.stdout, run.stderr].join('\n')).not.toContain(
        secret(name),
      );
  });

  test('run again, it makes nothing a second time', async () => {
    await up();
    const values = SECRETS.map(secret);
    writeFileSync(join(folder, 'calls.log'), '');
    expect(await up({ TELEGRAM_BOT_TOKEN: 'another' })).toMatchObject({ exitCode: 0 });
    expect(calls().filter((call) => /versions add|^docker|config set/.test(call))).toEqual([]);
    expect(calls().filter((call) => call.startsWith('pulumi up'))).toHaveLength(1);
    expect(SECRETS.map(secret)).toEqual(values);
  });

  test('secrets that nobody gave are named together, and nothing is put in', async () => {
    const run = await up({});
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(
      'No value for TELEGRAM_BOT_TOKEN, WEBENGAGE_API_KEY: set them as environment variables',
    );
    expect(calls().filter((call) => call.includes('versions add'))).toEqual([]);
  });

  test('where a step fails it stops, and goes on from there the next time', async () => {
    writeFileSync(join(folder, 'up-fails'), '');
    expect(await up()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('pulumi up failed') as unknown });
    expect(calls()).toEqual(['pulumi up --stack staging --yes']);
    rmSync(join(folder, 'up-fails'));
    expect(await up()).toMatchObject({ exitCode: 0 });
  });

  test("its exit code is the doctor's: a system that is not well is not called up", async () => {
    writeFileSync(join(folder, 'doctor'), '1');
    expect(await up()).toMatchObject({ exitCode: 1 });
  });

  test('a tool that is not installed, or a stack without a name, is said', async () => {
    rmSync(join(folder, 'pulumi'));
    expect(await up()).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('pulumi is not installed') as unknown,
    });
    expect(await up({}, [])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--stack must be the name of a stack') as unknown,
    });
  });
});
