import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { ops } from '../e2e/harness/ops.ts';
import { CloudWorld } from './harness/cloud-world.ts';
import { verifyAt } from './harness/verify.ts';

// `npm run verify:cloud` as somebody types it after the first `up`; each step is broken in turn.

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;

withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
  let world: CloudWorld;
  beforeAll(async () => {
    world = await CloudWorld.open({
      settings: { BASE_BACKOFF_SEC: '1' },
      policy: () => ({ ackDeadlineSeconds: 10, minBackoffSeconds: 0.1, maxBackoffSeconds: 0.5 }),
    });
    // The world registers the webhook for part of the updates only.
    await ops(world, ['doctor', '--fix']);
  }, START_TIMEOUT_MS);
  afterAll(() => world.close());

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
