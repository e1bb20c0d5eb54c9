import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ScheduledHealthCheck } from '@paid-community/shared/model/operations/scheduled-health-check.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { healthChecks } from '@paid-community/shared/model/topics.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { doctor, type Diagnosis } from '../e2e/harness/diagnosis.ts';
import { CloudWorld } from './harness/cloud-world.ts';

// The same command as in infra/tests/e2e/doctor.test.ts, where each check is turned bad. Here: that it works between
// four processes.

/** A subscription for each, of which no emulator tells what waits. */
const BACKLOGS = topology.subscriptions.flatMap(({ topic }) => (topic === healthChecks ? [] : ['backlog']));

function failingOf({ lines }: Diagnosis): readonly string[] {
  return lines.filter(({ state }) => state === 'failing').map(({ service, check }) => `${service} ${check}`);
}

withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
  let world: CloudWorld;
  beforeAll(async () => {
    world = await CloudWorld.open({
      allowedUpdates: ['chat_member'],
      policy: () => ({ ackDeadlineSeconds: 10, minBackoffSeconds: 0.1, maxBackoffSeconds: 0.5 }),
    });
  });
  afterAll(() => world.close());

  describe('ops doctor of four processes', () => {
    test('--fix registers the webhook, which this system was started without in full; then nothing fails, and what no emulator tells is unknown', async () => {
      const ill = await doctor(world);
      expect(failingOf(ill)).toEqual(['link-worker webhook_updates']);
      expect(ill.code).toBe(1);
      const fixed = await doctor(world, '--fix');
      expect(fixed).toMatchObject({ code: 0, fixed: 'The webhook was set; different were: allowedUpdates' });
      expect(failingOf(fixed)).toEqual([]);
      expect(fixed.lines.filter(({ state }) => state === 'unknown').map(({ check }) => check.split(' ')[0])).toEqual([
        ...BACKLOGS,
        'last_update',
      ]);
      expect(fixed.lines.map(({ check }) => check)).toEqual(
        expect.arrayContaining([
          'backend',
          'queue',
          'dead_letters',
          'bot_rights',
          'webhook_secret',
          'webengage_credentials',
        ]),
      );
      // There is no disk of ours.
      expect(fixed.lines.map(({ check }) => check)).not.toContain('disk');
    });

    test('a webhook that somebody else has set is told and mended, and updates come again', async () => {
      world.telegram.setForeignWebhook({ url: 'http://127.0.0.1:1/elsewhere', allowedUpdates: ['message'] });
      expect(failingOf(await doctor(world))).toEqual(['link-worker webhook_url', 'link-worker webhook_updates']);
      expect(await doctor(world, '--fix')).toMatchObject({
        code: 0,
        fixed: 'The webhook was set; different were: url, allowedUpdates',
      });
      const delivered = world.telegram.updates.delivered;
      world.telegram.addWithoutLink();
      await eventually(() => world.telegram.updates.delivered > delivered);
    });

    test('rights that the bot loses are raised at once by link-worker, which join-tracker asks, and their return is seen', async () => {
      world.telegram.setBotStanding('member');
      await eventually(() =>
        expect(world.printed).toMatch(/"severity":"ERROR".*"service":"link-worker","failing":.*"check":"bot_rights"/),
      );
      world.telegram.setBotStanding('inviting_administrator');
      await eventually(() =>
        expect(world.printed).toMatch(/"severity":"INFO".*"service":"link-worker","mended":.*"check":"bot_rights"/),
      );
    });

    test('what a scheduler publishes is a check too', async () => {
      world.webengage.faults.behaviour = () => ({
        kind: 'answer',
        status: 401,
        body: { response: { status: 'error', message: 'Invalid API key' } },
      });
      await world.backend.eventBus.publish(healthChecks, ScheduledHealthCheck.message);
      await eventually(() =>
        expect(world.printed).toMatch(
          /"severity":"ERROR".*"service":"event-emitter","failing":.*"check":"webengage_credentials"/,
        ),
      );
      world.webengage.faults.clear();
      expect(failingOf(await doctor(world))).toEqual([]);
      expect(world.webengage.eventCount).toBe(0);
    });

    test('a service that does not run is a line of its own, and the others have answered', async () => {
      await world.kill('event-emitter');
      const ill = await doctor(world);
      expect(failingOf(ill)).toEqual(['event-emitter answers']);
      expect(ill.lines.find(({ check }) => check === 'answers')).toMatchObject({
        meaning: expect.stringContaining('its last answer is from'),
        advice: expect.stringContaining('Does event-emitter run?'),
      });
      await world.start('event-emitter');
      await eventually(async () => expect(failingOf(await doctor(world))).toEqual([]));
    });
  });
});
