import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import type { Answer } from '../http/exchange.ts';
import { botCall, startTelegram } from '../testing/bot-calls.ts';
import { until } from '../testing/until.ts';
import { startWebhookReceiver } from '../testing/webhook-receiver.ts';
import type { WebhookReceiver } from '../testing/webhook-receiver.ts';
import type { TelegramSimulator } from './telegram-simulator.ts';

/** Notes every sleep, so that a test knows what is being waited for before it moves the time. */
class NotingClock extends ManualClock {
  readonly sleepsMs: number[] = [];

  override sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    this.sleepsMs.push(durationMs);
    return super.sleep(durationMs, signal);
  }

  /** Waits for the next sleep and lets it pass; returns its length in seconds. */
  async passNextSleep(): Promise<number> {
    await until('something sleeps', () => this.sleepsMs.length > 0);
    const durationMs = this.sleepsMs.shift() ?? 0;
    this.advance(durationMs);
    return durationMs / 1000;
  }
}

let telegram: TelegramSimulator;
let bot: WebhookReceiver;
let clock: NotingClock;
beforeEach(async () => {
  clock = new NotingClock();
  telegram = await startTelegram({ clock });
  bot = await startWebhookReceiver();
  await botCall(telegram, 'setWebhook', { url: bot.url, allowed_updates: ['chat_member'] });
});
afterEach(async () => {
  await telegram.close();
  await bot.close();
});

const failing = (headers: Record<string, string> = {}): Answer => ({ status: 503, headers });

test('the first retry comes at once, then after 2, 4, 8 … and at most 60 seconds', async () => {
  bot.respond = () => failing();
  telegram.addWithoutLink();
  await until('the first retry was made', () => telegram.updates.attempts === 2);
  const waits: number[] = [];
  for (let retry = 0; retry < 7; retry += 1) waits.push(await clock.passNextSleep());
  expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60]);
});

test('a Retry-After goes before that, but not beyond an hour', async () => {
  const answers = [
    failing({ 'retry-after': '7' }),
    failing({ 'retry-after': '9000' }),
    failing({ 'retry-after': 'soon' }),
    { status: 200 },
  ];
  bot.respond = () => answers.shift();
  telegram.addWithoutLink();
  expect([await clock.passNextSleep(), await clock.passNextSleep(), await clock.passNextSleep()]).toEqual([7, 3600, 2]);
  await until('it is delivered', () => telegram.updates.delivered === 1);
});

test('the waits begin anew with the next update of the same person', async () => {
  bot.respond = () => (bot.received.length <= 3 ? failing() : { status: bot.received.length === 4 ? 200 : 500 });
  telegram.addWithoutLink({ telegramUserId: 1 });
  telegram.leave(1);
  expect([await clock.passNextSleep(), await clock.passNextSleep()]).toEqual([2, 4]);
  await until('the second update was tried twice', () => telegram.updates.attempts === 6);
  expect(await clock.passNextSleep()).toBe(2);
});

test('24 hours after its event an update is dropped, and the next one has its turn', async () => {
  bot.respond = () => failing({ 'retry-after': '3600' });
  telegram.addWithoutLink({ telegramUserId: 1 });
  const dropped = (): boolean => telegram.updates.dropped > 0;
  let hours = 0;
  for (;;) {
    await until('it waits or is dropped', () => clock.sleepsMs.length > 0 || dropped());
    if (dropped()) break;
    await clock.passNextSleep();
    hours += 1;
  }
  expect(hours).toBe(24);
  expect(telegram.updates).toMatchObject({ pendingCount: 0, delivered: 0 });
  bot.respond = () => ({ status: 200 });
  telegram.leave(1);
  await until('the next one is delivered', () => telegram.updates.delivered === 1);
});
