import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, postPurchase, purchaseBodies, statusOf } from './harness/buyer.ts';
import { API_KEY, BOT_TOKEN, NEXT_API_KEY, WEBHOOK_SECRET } from './harness/credentials.ts';
import { expectPromiseKept, join, linkInMessage } from './harness/promise.ts';
import { joinUpdate, postUpdate } from './harness/telegram-updates.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

async function restart(world: World, settings: Readonly<Record<string, string>>): Promise<void> {
  expect(await world.process.stop()).toEqual({ code: 0, signal: null });
  await world.start({ settings });
}

describe('a secret is changed without an outage', () => {
  test('an intake key: both are valid at once, then only the new one', async () => {
    const world = await openWorld();
    await world.start({ settings: { INTAKE_API_KEYS: API_KEY } });
    const [first, second, third] = purchaseBodies('key', 3);
    const withNewKey = { authorization: `Bearer ${NEXT_API_KEY}` };
    if (first === undefined || second === undefined || third === undefined) throw new Error('No bodies');
    expect(await postPurchase(world.url, first, withNewKey)).toMatchObject({ status: 401 });
    await restart(world, { INTAKE_API_KEYS: `${NEXT_API_KEY},${API_KEY}` });
    const purchases = [await buy(world.url, first), await buy(world.url, second, withNewKey)];
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
    await restart(world, { INTAKE_API_KEYS: NEXT_API_KEY });
    expect(await postPurchase(world.url, third)).toMatchObject({ status: 401 });
    expect(await postPurchase(world.url, third, withNewKey)).toMatchObject({ status: 202 });
  });

  test('the webhook secret: the new one is registered, updates under way with the old one are still taken', async () => {
    const next = 'webhook-secret-next-5e6f';
    const world = await openWorld();
    await world.start();
    const purchases = await Promise.all(purchaseBodies('secret', 2).map((body) => buy(world.url, body)));
    const [first, second] = purchases;
    if (first === undefined || second === undefined) throw new Error('No purchases');
    await restart(world, { TELEGRAM_WEBHOOK_SECRET: `${next},${WEBHOOK_SECRET}` });
    const underWay = joinUpdate({ userId: 501, link: { invite_link: await linkInMessage(world, first) } });
    expect(await postUpdate(world.url, underWay, { 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET })).toMatchObject({
      status: 200,
    });
    // Telegram itself sends the new one by now.
    await restart(world, { TELEGRAM_WEBHOOK_SECRET: next });
    const joins = [{ purchase: first, telegramUserId: 501 }, await join(world, second)];
    expect(await expectPromiseKept(world, { purchases, joins })).toEqual({ orphans: 0, repeats: 0 });
    expect(await postUpdate(world.url, underWay, { 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET })).toMatchObject({
      status: 401,
    });
  });

  test('the WebEngage key: what was refused under the revoked one is told once the new one is there, and once only', async () => {
    const next = 'webengage-key-next-7a8b';
    const world = await openWorld({ webengage: { apiKey: next } });
    await world.start();
    const purchases = await Promise.all(purchaseBodies('webengage', 3).map((body) => buy(world.url, body)));
    await eventually(() => world.webengage.calls >= 3);
    expect(world.webengage.eventCount).toBe(0);
    await restart(world, { WEBENGAGE_API_KEY: next });
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('the bot token: what was refused under the revoked one gets its link once the new one is there', async () => {
    const next = `${BOT_TOKEN.split(':', 1)[0] ?? ''}:BBnExTtEsTbOtToKeN_9876543210`;
    const world = await openWorld({ telegram: { botToken: next } });
    await world.spawn().ready(world.url);
    const purchases = await Promise.all(purchaseBodies('token', 3).map((body) => buy(world.url, body)));
    for (const { requestId } of purchases) {
      await eventually(async () =>
        expect(await statusOf(world.url, requestId)).toMatchObject({
          status: 'PROCESSING',
          lastError: { code: expect.any(String) },
        }),
      );
    }
    expect(world.telegram.links.size).toBe(0);
    await restart(world, { TELEGRAM_BOT_TOKEN: next });
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
  });
});
