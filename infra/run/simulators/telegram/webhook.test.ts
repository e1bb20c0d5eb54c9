import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { botCall, startTelegram } from '../testing/bot-calls.ts';
import type { BotAnswer } from '../testing/bot-calls.ts';
import { until } from '../testing/until.ts';
import { startWebhookReceiver } from '../testing/webhook-receiver.ts';
import type { WebhookReceiver } from '../testing/webhook-receiver.ts';
import type { TelegramSimulator } from './telegram-simulator.ts';

let telegram: TelegramSimulator;
let bot: WebhookReceiver;
beforeEach(async () => {
  telegram = await startTelegram({ retryScale: 0.001 });
  bot = await startWebhookReceiver();
});
afterEach(async () => {
  await telegram.close();
  await bot.close();
});

const setWebhook = (parameters: object = {}): Promise<BotAnswer> =>
  botCall(telegram, 'setWebhook', { url: bot.url, allowed_updates: ['chat_member'], ...parameters });
const allDelivered = (count: number): Promise<void> =>
  until(`${count} updates are delivered`, () => telegram.updates.delivered === count);

describe('settings', () => {
  test('updates arrive with the secret token', async () => {
    await setWebhook({ secret_token: 'Secret_token-1' });
    telegram.addWithoutLink({ telegramUserId: 1 });
    await allDelivered(1);
    expect(bot.received).toEqual([
      expect.objectContaining({
        telegramUserId: 1,
        headers: expect.objectContaining({
          'x-telegram-bot-api-secret-token': 'Secret_token-1',
          'content-type': 'application/json',
        }),
        update: { update_id: expect.any(Number), chat_member: expect.anything() },
      }),
    ]);
    expect(telegram.updates.pendingCount).toBe(0);
  });

  test('without a secret token there is no header', async () => {
    await setWebhook();
    telegram.addWithoutLink();
    await allDelivered(1);
    expect(bot.received[0]?.headers).not.toHaveProperty('x-telegram-bot-api-secret-token');
  });

  test.each([['with blanks '], ['ü'], ['a'.repeat(257)]])('a secret token like %p is refused', async (secretToken) => {
    expect((await setWebhook({ secret_token: secretToken })).status).toBe(400);
    expect((await botCall(telegram, 'getWebhookInfo')).result).toMatchObject({ url: '' });
  });

  test('an address that is none is refused', async () => {
    expect((await setWebhook({ url: 'nowhere' })).status).toBe(400);
  });

  test('getWebhookInfo tells the settings', async () => {
    await setWebhook({ max_connections: 7 });
    expect((await botCall(telegram, 'getWebhookInfo')).result).toEqual({
      url: bot.url,
      has_custom_certificate: false,
      pending_update_count: 0,
      max_connections: 7,
      allowed_updates: ['chat_member'],
    });
  });

  test('omitting allowed_updates keeps the previous list', async () => {
    await setWebhook();
    await botCall(telegram, 'setWebhook', { url: bot.url });
    telegram.addWithoutLink();
    await allDelivered(1);
  });

  test('without a list, chat_member updates are not stored', async () => {
    await botCall(telegram, 'setWebhook', { url: bot.url });
    telegram.addWithoutLink();
    expect(telegram.updates).toMatchObject({ notAllowed: 1, pendingCount: 0 });
  });

  test('what was pending goes to the new webhook, unless it is dropped', async () => {
    await botCall(telegram, 'getUpdates', { allowed_updates: ['chat_member'] });
    telegram.addWithoutLink({ telegramUserId: 1 });
    await setWebhook();
    await allDelivered(1);
    await botCall(telegram, 'deleteWebhook');
    telegram.addWithoutLink({ telegramUserId: 2 });
    await setWebhook({ drop_pending_updates: true });
    telegram.addWithoutLink({ telegramUserId: 3 });
    await allDelivered(2);
    expect(bot.received.map((received) => received.telegramUserId)).toEqual([1, 3]);
    expect(telegram.updates.dropped).toBe(1);
  });

  test('an empty url deletes the webhook', async () => {
    await setWebhook();
    await setWebhook({ url: '' });
    expect((await botCall(telegram, 'getWebhookInfo')).result).toMatchObject({ url: '' });
  });
});

describe('delivery', () => {
  test.each([200, 201, 204])('%p acknowledges', async (status) => {
    bot.respond = () => ({ status });
    await setWebhook();
    telegram.addWithoutLink();
    await allDelivered(1);
    expect(telegram.updates.attempts).toBe(1);
  });

  test.each([302, 401, 404, 429, 500])('%p is retried until it is well, and noted', async (status) => {
    bot.respond = () => ({ status: bot.received.length < 4 ? status : 200 });
    await setWebhook();
    telegram.addWithoutLink();
    await allDelivered(1);
    expect(telegram.updates.attempts).toBe(4);
    expect(new Set(bot.received.map(({ update }) => update['update_id'])).size).toBe(1);
    expect((await botCall(telegram, 'getWebhookInfo')).result).toMatchObject({
      last_error_date: expect.any(Number),
      last_error_message: expect.stringContaining(`Wrong response from the webhook: ${status}`),
    });
  });

  test("a failing update holds up its person's later ones, and nobody else's", async () => {
    let healed = false;
    bot.respond = ({ telegramUserId }) => ({ status: telegramUserId === 1 && !healed ? 500 : 200 });
    await setWebhook();
    telegram.addWithoutLink({ telegramUserId: 1 });
    telegram.leave(1);
    telegram.addWithoutLink({ telegramUserId: 2 });
    await until('the first update was tried again', () => telegram.updates.attempts > 3);
    const statusesOf = (userId: number): unknown[] =>
      bot.received.filter(({ telegramUserId }) => telegramUserId === userId).map(({ update }) => update['update_id']);
    expect(new Set(statusesOf(1)).size).toBe(1);
    expect(statusesOf(2)).toHaveLength(1);
    healed = true;
    await allDelivered(3);
    expect(new Set(statusesOf(1)).size).toBe(2);
  });

  test('different people are served at the same time, up to max_connections', async () => {
    let open = 0;
    let most = 0;
    const release = Promise.withResolvers<undefined>();
    bot.respond = async () => {
      open += 1;
      most = Math.max(most, open);
      await release.promise;
      open -= 1;
      return { status: 200 };
    };
    await setWebhook({ max_connections: 3 });
    for (let person = 1; person <= 8; person += 1) telegram.addWithoutLink({ telegramUserId: person });
    await until('three calls are open', () => open === 3);
    release.resolve(undefined);
    await allDelivered(8);
    expect(most).toBe(3);
  });

  test('one person is served one update at a time, in order', async () => {
    let open = 0;
    let most = 0;
    bot.respond = async () => {
      most = Math.max(most, (open += 1));
      await new Promise(setImmediate);
      open -= 1;
      return { status: 200 };
    };
    await setWebhook();
    for (let round = 0; round < 5; round += 1) {
      telegram.addWithoutLink({ telegramUserId: 1 });
      telegram.leave(1);
    }
    await allDelivered(10);
    expect(most).toBe(1);
    const ids = bot.received.map(({ update }) => Number(update['update_id']));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  test('a long backlog is delivered once each', async () => {
    await botCall(telegram, 'getUpdates', { allowed_updates: ['chat_member'] });
    for (let person = 1; person <= 3000; person += 1) telegram.addWithoutLink({ telegramUserId: person });
    await setWebhook();
    await allDelivered(3000);
    expect(new Set(bot.received.map(({ telegramUserId }) => telegramUserId)).size).toBe(3000);
    expect(telegram.updates.attempts).toBe(3000);
  });

  test('a webhook that does not answer is tried again', async () => {
    await telegram.close();
    telegram = await startTelegram({ retryScale: 0.001, webhookTimeoutMs: 30 });
    bot.respond = () => (bot.received.length === 1 ? undefined : { status: 200 });
    await setWebhook();
    telegram.addWithoutLink();
    await allDelivered(1);
    expect(telegram.updates.attempts).toBe(2);
  });

  test('a webhook that is not there is tried again', async () => {
    const { url } = bot;
    await bot.close();
    await setWebhook({ url });
    telegram.addWithoutLink();
    await until('it was tried thrice', () => telegram.updates.attempts >= 3);
    expect(telegram.updates).toMatchObject({ pendingCount: 1, delivered: 0 });
  });

  test('a reply that names a method is recorded, as Telegram would execute it', async () => {
    bot.respond = () => ({ status: 200, body: { method: 'sendMessage', chat_id: 1 } });
    await setWebhook();
    telegram.addWithoutLink();
    await allDelivered(1);
    expect(telegram.updates.executedFromWebhookReply).toEqual([{ method: 'sendMessage', chat_id: 1 }]);
  });
});
