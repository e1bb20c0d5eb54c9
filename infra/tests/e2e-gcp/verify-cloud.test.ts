import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { API_KEY, OPERATOR_KEY } from '../e2e/harness/credentials.ts';
import { freePort } from '../../run/free-port.ts';
import { ops } from '../e2e/harness/ops.ts';
import { SystemProcess } from '../e2e/harness/system-process.ts';
import { sharedEmulators } from '../emulators/shared-emulators.ts';
import type { Emulators } from '../../run/emulators/start-emulators.ts';
import { CloudWorld } from './harness/cloud-world.ts';

// `npm run verify:cloud` as somebody types it after the first `up`; each step is broken in turn.

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;
const PLACE = ['--project', 'project-of-ours', '--region', 'asia-south1'];

interface Verified {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function verify(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Verified> {
  const process = new SystemProcess('infra/deploy/verify-cloud/main.ts', environment, args);
  const { code } = await process.exited;
  return { code, stdout: process.stdout, stderr: process.stderr };
}

function verifyAt(url: string, { key = API_KEY, operatorKey = OPERATOR_KEY, seconds = 3 } = {}): Promise<Verified> {
  return verify(['--url', url, '--key', key, '--operator-key', operatorKey, '--wait', String(seconds), ...PLACE]);
}

describe('before anything of the system answers', () => {
  test.each([
    ['without a URL', ['--key', API_KEY], '--stack or --url is needed'],
    ['without a key', ['--url', 'https://intake.example.com'], '--key is needed'],
    [
      'with a URL that is none',
      ['--url', 'intake.example.com', '--key', API_KEY, '--operator-key', OPERATOR_KEY],
      '--url must be the URL of intake-service',
    ],
    ['with an option that is none', ['--uri', 'https://intake.example.com'], 'Did you mean --url?'],
    [
      'with a time that is none',
      ['--url', 'https://intake.example.com', '--wait', 'soon'],
      '--wait must be a whole number',
    ],
  ])('%s it ends with 2, and says what would be right', async (_case, args, words) => {
    expect(await verify(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
  });

  test('with --stack the URL is that of the stack, and the keys are the first of Secret Manager', async () => {
    const seen: string[] = [];
    const server = createServer(({ url = '', headers: { authorization = 'no key' } }, response) => {
      seen.push(`${url.startsWith('/v1/ops/') ? 'operator' : 'buyer'}: ${authorization}`);
      response.writeHead(authorization === 'Bearer key-of-the-journey' ? 404 : 401).end('{"ok":false}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const folder = await mkdtemp(join(tmpdir(), 'verify-cloud-'));
    const tool = (name: string, script: string): Promise<void> =>
      writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const outputs = {
      GCP_PROJECT: 'project-of-ours',
      GCP_REGION: 'asia-south1',
      intakeUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    await tool(
      'pulumi',
      `[ "$*" = "stack output --json --stack staging --non-interactive" ] && echo '${JSON.stringify(outputs)}'`,
    );
    await tool(
      'gcloud',
      `case "$*" in *--secret=INTAKE_API_KEYS*project-of-ours*) echo key-of-the-journey,older ;; *) echo ada:key-of-ada,ben:key-of-ben ;; esac`,
    );
    const { code, stderr } = await verify(['--stack', 'staging'], { PATH: `${folder}:/usr/bin:/bin` });
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("the operator's key is not taken") });
    expect(seen).toEqual(['buyer: no key', 'buyer: Bearer key-of-the-journey', 'operator: Bearer key-of-ada']);
    expect(await verify(['--stack', 'staging'], { PATH: folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('pulumi is not installed'),
    });
  });

  test('a host that nobody answers for stops at the first step', async () => {
    const { code, stderr } = await verifyAt(`http://127.0.0.1:${await freePort()}`);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^Stopped at \[1\/9\] intake-service is reached: .+ECONNREFUSED\n .*intakeUrl/),
    });
  });

  test.each([
    [403, 'the service is not public'],
    [404, 'There is no such service at this URL'],
    [503, 'no instance of intake-service starts'],
    [302, 'none of intake-service'],
    // A proxy's own refusal.
    [401, 'none of intake-service'],
  ])('a page of Cloud Run or a proxy with %i is told from an answer of ours', async (status, words) => {
    const server = createServer((_request, response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>not ours</html>'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { code, stderr } = await verifyAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.closeAllConnections();
    server.close();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(words) });
  });
});

withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
  let emulators: Emulators;
  let world: CloudWorld;
  beforeAll(async () => {
    emulators = await sharedEmulators();
    world = await CloudWorld.open({
      emulators,
      settings: { BASE_BACKOFF_SEC: '1' },
      policy: () => ({ ackDeadlineSeconds: 10, minBackoffSeconds: 0.1, maxBackoffSeconds: 0.5 }),
    });
    // The world registers the webhook for part of the updates only.
    await ops(world, ['doctor', '--fix']);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await world.close();
    await emulators.stop();
  });

  /** Runs the service with other variables, and then as before. */
  async function withService<Result>(
    service: ServiceName,
    changed: Readonly<Record<string, string>> | 'down',
    work: () => Promise<Result>,
  ): Promise<Result> {
    await world.kill(service);
    if (changed !== 'down') await world.start(service, changed);
    const result = await work();
    if (changed !== 'down') await world.kill(service);
    await world.start(service);
    return result;
  }

  function stoppedAt(step: number, ...words: readonly string[]): object {
    return {
      code: 1,
      stderr: expect.stringMatching(new RegExp(`^Stopped at \\[${step}/9\\][\\s\\S]*${words.join('[\\s\\S]*')}`)),
    };
  }

  describe('npm run verify:cloud', () => {
    test(
      'goes through a system that works, and nothing of the test person is left',
      async () => {
        const { code, stdout, stderr } = await verifyAt(world.url, { seconds: 30 });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(stdout.match(/^\[\d\/9\] .+$/gm)).toHaveLength(9);
        expect(stdout).toContain('Everything works.');
        const [, userId = '', requestId = ''] = /as (verify-cloud-\S+), request (\S+)/.exec(stdout) ?? [];
        expect(stdout).toContain(`${userId} is erased`);
        expect((await ops(world, ['find', '--user', userId, '--json'])).json).toMatchObject({ requests: [] });
        expect((await ops(world, ['show', requestId])).stdout).not.toContain(userId);
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'keys that are not taken stop at the second step, each by its name',
      async () => {
        expect(await verifyAt(world.url, { key: 'no-key-of-anybody' })).toMatchObject(
          stoppedAt(2, 'intake key', 'INTAKE_API_KEYS'),
        );
        expect(await verifyAt(world.url, { operatorKey: 'no-key-of-anybody' })).toMatchObject(
          stoppedAt(2, "operator's key", 'OPERATOR_API_KEYS'),
        );
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'pushes that link-worker refuses with 401 stop at Pub/Sub, with the command that shows it',
      async () => {
        const account = (name: string): string => `${name}@project-of-ours.iam.gserviceaccount.com`;
        const variables = {
          PUSH_AUTHENTICATION: 'on',
          PUSH_SERVICE_ACCOUNT: account('pubsub-push'),
          TASKS_SERVICE_ACCOUNT: account('cloud-tasks'),
        };
        const verified = await withService('link-worker', variables, () => verifyAt(world.url));
        expect(verified).toMatchObject(
          stoppedAt(
            4,
            'doctor: link-worker answers',
            'PUSH_AUTHENTICATION',
            'gcloud logging read .*"link-worker".*--project=project-of-ours',
            'link-worker-purchase-events',
          ),
        );
        expect(world.relay.relayed.some(({ service, outcome }) => service === 'link-worker' && outcome === 401)).toBe(
          true,
        );
        expect(verified.stdout).toContain('The test person is erased all the same');
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'a queue that is paused stops at Cloud Tasks',
      async () => {
        await ops(world, ['queue', 'pause', '--yes']);
        const verified = await verifyAt(world.url);
        await ops(world, ['queue', 'resume', '--yes']);
        expect(verified).toMatchObject(
          stoppedAt(5, 'gcloud tasks queues describe tg-invite-queue --location=asia-south1'),
        );
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'rights that the bot lacks stop at Telegram, in its words and with advice',
      async () => {
        world.telegram.faults.behaviour = ({ method }) =>
          method === 'createChatInviteLink'
            ? {
                kind: 'answer',
                status: 400,
                body: {
                  ok: false,
                  error_code: 400,
                  description: 'Bad Request: not enough rights to manage chat invite link',
                },
              }
            : undefined;
        const verified = await verifyAt(world.url);
        world.telegram.faults.clear();
        expect(verified).toMatchObject(stoppedAt(6, 'not enough rights', 'administrator'));
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'a key that WebEngage refuses stops at WebEngage, and so does an event-emitter that does not run',
      async () => {
        world.webengage.faults.behaviour = () => ({
          kind: 'answer',
          status: 401,
          body: { response: { status: 'error', message: 'Invalid API key' } },
        });
        const refused = await verifyAt(world.url);
        world.webengage.faults.clear();
        expect(refused).toMatchObject(
          stoppedAt(7, 'doctor: event-emitter webengage_credentials', 'gcloud logging read .*"event-emitter"'),
        );
        const down = await withService('event-emitter', 'down', () => verifyAt(world.url));
        expect(down).toMatchObject(stoppedAt(7, 'doctor: event-emitter answers'));
      },
      TEST_TIMEOUT_MS,
    );

    test(
      "a webhook that is somebody else's stops at the doctor, with its advice",
      async () => {
        world.telegram.setForeignWebhook({ url: 'http://127.0.0.1:1/elsewhere', allowedUpdates: ['chat_member'] });
        const verified = await verifyAt(world.url, { seconds: 30 });
        await ops(world, ['doctor', '--fix']);
        expect(verified).toMatchObject(stoppedAt(8, 'link-worker webhook_url', 'doctor --fix'));
      },
      TEST_TIMEOUT_MS,
    );

    test(
      'after all of them it goes through again',
      async () => {
        await eventually(async () => expect(await verifyAt(world.url, { seconds: 30 })).toMatchObject({ code: 0 }));
      },
      TEST_TIMEOUT_MS,
    );
  });
});
