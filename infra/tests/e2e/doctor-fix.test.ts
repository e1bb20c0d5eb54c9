import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { badOf, doctor, health, lineOf } from './harness/diagnosis.ts';
import { postUpdate } from './harness/telegram-updates.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

async function startedWorld(settings: Readonly<Record<string, string>> = {}): Promise<World> {
  const world = await openWorld({ settings });
  await world.start();
  return world;
}

describe('ops doctor --fix', () => {
  const elsewhere = 'http://127.0.0.1:1/elsewhere';

  test('sets URL, secret and kinds of updates of a webhook that somebody else has set; twice does no harm', async () => {
    const world = await startedWorld();
    world.telegram.setForeignWebhook({ url: elsewhere, secretToken: 'theirs', allowedUpdates: ['message'] });
    const ill = await doctor(world);
    expect(ill.code).toBe(1);
    expect(badOf(ill)).toEqual({ webhook_url: 'failing', webhook_updates: 'failing' });
    expect(lineOf(ill, 'webhook_url')).toMatchObject({
      meaning: expect.stringContaining(elsewhere),
      advice: expect.stringContaining('doctor --fix'),
    });
    const fixed = await doctor(world, '--fix');
    expect(fixed).toMatchObject({
      code: 0,
      healthy: true,
      fixed: 'The webhook was set; different were: url, allowedUpdates',
    });
    expect(badOf(fixed)).toEqual({});
    expect(await doctor(world, '--fix')).toMatchObject({
      code: 0,
      fixed: expect.stringContaining('nothing else was different'),
    });
    // Updates come again, so the secret is right.
    world.telegram.addWithoutLink();
    await eventually(() => world.telegram.updates.delivered === 1);
    expect(lineOf(await health(world), 'last_update')).toMatchObject({ state: 'ok' });
    expect(world.process.logged('operator action')).toContainEqual(
      expect.objectContaining({ action: 'health.fix', operator: 'ada', outcome: 'done' }),
    );
  });

  test('sends the secret again where Telegram has another one', async () => {
    const world = await startedWorld();
    world.telegram.setForeignWebhook({
      url: `${world.url}/v1/telegram/webhook`,
      secretToken: 'another',
      allowedUpdates: ['chat_member', 'my_chat_member', 'chat_join_request'],
    });
    world.telegram.addWithoutLink();
    await eventually(async () =>
      expect(lineOf(await health(world), 'webhook_delivery')).toMatchObject({
        state: 'failing',
        meaning: expect.stringContaining('401'),
        advice: expect.stringContaining('doctor --fix'),
      }),
    );
    expect(lineOf(await doctor(world, '--fix'), 'webhook_delivery')).toMatchObject({ state: 'ok' });
    await eventually(() => world.telegram.updates.pendingCount === 0);
  });

  test('removes a webhook that takes the updates away from polling', async () => {
    const world = await startedWorld({ TELEGRAM_UPDATES: 'polling' });
    await eventually(() => world.telegram.calls.of('getUpdates') > 0);
    world.telegram.setForeignWebhook({ url: elsewhere });
    expect(badOf(await health(world))).toEqual({ webhook_url: 'failing' });
    expect(await doctor(world, '--fix')).toMatchObject({ healthy: true, fixed: expect.stringContaining('removed') });
  });

  test('says what is missing where the public URL is not known', async () => {
    const world = await openWorld({ settings: { BASE_URL: '' } });
    const process = world.spawn();
    await process.ready(world.url);
    const answer = await doctor(world, '--fix');
    expect(answer).toMatchObject({ code: 1, fixed: expect.stringContaining('link-worker needs BASE_URL') });
    expect(lineOf(answer, 'webhook_url')).toMatchObject({
      state: 'failing',
      advice: expect.stringContaining('BASE_URL'),
    });
  });

  test('two operators at once, while Telegram is slow: both have an answer', async () => {
    const world = await startedWorld();
    world.telegram.faults.next('getMe', { kind: 'delay', ms: 300 }, { kind: 'delay', ms: 300 });
    const [fixing, looking] = await Promise.all([doctor(world, '--fix'), doctor(world)]);
    expect([fixing.code, looking.code]).toEqual([0, 0]);
    expect(fixing.fixed).toMatch(/^The webhook was set again/);
    // A secret that is not Telegram's is refused all the same.
    expect((await postUpdate(world.url, { update_id: 1 }, { 'x-telegram-bot-api-secret-token': 'wrong' })).status).toBe(
      401,
    );
  });
});
