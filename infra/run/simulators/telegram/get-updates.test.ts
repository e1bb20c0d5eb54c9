import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { botCall, startTelegram } from '../testing/bot-calls.ts';
import type { BotAnswer } from '../testing/bot-calls.ts';
import { until } from '../testing/until.ts';
import type { TelegramSimulator } from './telegram-simulator.ts';
import type { Update } from './wire.ts';

let telegram: TelegramSimulator;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  telegram = await startTelegram({ clock });
});
afterEach(() => telegram.close());

const getUpdates = (parameters: object = {}): Promise<BotAnswer> => botCall(telegram, 'getUpdates', parameters);
const updatesOf = (answer: BotAnswer): Update[] => answer.result as Update[];
const allow = (...types: readonly string[]): Promise<BotAnswer> => getUpdates({ allowed_updates: types });
const message = (text: string): object => ({ message: { text, from: { id: 1 } } });

test('chat_member updates are not stored unless they were asked for by name, and never come back', async () => {
  telegram.addWithoutLink({ telegramUserId: 1 });
  await allow('chat_member');
  telegram.addWithoutLink({ telegramUserId: 2 });
  expect(updatesOf(await getUpdates())).toEqual([expect.objectContaining({ chat_member: expect.anything() })]);
  expect(telegram.updates.notAllowed).toBe(1);
});

test('what is not on the list is not stored', async () => {
  await allow('chat_member');
  expect(telegram.injectUpdate({ ...message('hello') })).toBeUndefined();
  expect(telegram.updates.pendingCount).toBe(0);
});

test('leaving allowed_updates out keeps the list, and an empty one means the default', async () => {
  await allow('chat_member');
  await getUpdates();
  telegram.addWithoutLink({ telegramUserId: 1 });
  expect(telegram.updates.pendingCount).toBe(1);
  await allow();
  telegram.addWithoutLink({ telegramUserId: 2 });
  telegram.injectUpdate({ ...message('hello') });
  expect(telegram.updates.pendingCount).toBe(2);
});

test('updates come in order until an offset acknowledges them', async () => {
  for (const text of ['a', 'b', 'c']) telegram.injectUpdate({ ...message(text) });
  const [first, second] = updatesOf(await getUpdates({ limit: 2 }));
  expect(updatesOf(await getUpdates())).toHaveLength(3);
  expect(second?.update_id).toBe((first?.update_id ?? 0) + 1);
  expect(updatesOf(await getUpdates({ offset: second?.update_id }))).toHaveLength(2);
  expect(telegram.updates.delivered).toBe(1);
});

test('a negative offset forgets all but the last ones', async () => {
  for (const text of ['a', 'b', 'c']) telegram.injectUpdate({ ...message(text) });
  expect(updatesOf(await getUpdates({ offset: -1 }))).toEqual([
    expect.objectContaining({ message: expect.objectContaining({ text: 'c' }) }),
  ]);
});

test('an injected update keeps the id it brings', async () => {
  expect(telegram.injectUpdate({ update_id: 7, ...message('again') })).toBe(7);
  expect(updatesOf(await getUpdates())).toEqual([{ update_id: 7, ...message('again') }]);
});

test('a long poll is answered as soon as an update comes', async () => {
  const poll = getUpdates({ timeout: 30 });
  await until('the poll waits', () => telegram.calls.of('getUpdates') === 1);
  telegram.injectUpdate({ ...message('hello') });
  expect(updatesOf(await poll)).toHaveLength(1);
});

test('a long poll is answered empty when its time is up', async () => {
  const poll = getUpdates({ timeout: 30 });
  await until('the poll waits', () => telegram.calls.of('getUpdates') === 1);
  clock.advance(30_000);
  expect(updatesOf(await poll)).toEqual([]);
});

test('a second long poll ends the first with a conflict', async () => {
  const first = getUpdates({ timeout: 30 });
  await until('the first poll waits', () => telegram.calls.of('getUpdates') === 1);
  const second = getUpdates({ timeout: 30 });
  expect(await first).toMatchObject({ status: 409, ok: false });
  telegram.injectUpdate({ ...message('hello') });
  expect(updatesOf(await second)).toHaveLength(1);
});

test('a deleted webhook that was none does not disturb a long poll', async () => {
  const poll = getUpdates({ timeout: 30 });
  await until('the poll waits', () => telegram.calls.of('getUpdates') === 1);
  await botCall(telegram, 'deleteWebhook');
  telegram.injectUpdate({ ...message('hello') });
  expect(updatesOf(await poll)).toHaveLength(1);
});

test('polling and a webhook exclude each other', async () => {
  const poll = getUpdates({ timeout: 30 });
  await until('the poll waits', () => telegram.calls.of('getUpdates') === 1);
  await botCall(telegram, 'setWebhook', { url: 'http://127.0.0.1:9/hook' });
  expect((await poll).status).toBe(409);
  const refused = await getUpdates();
  expect([refused.status, refused.description]).toEqual([
    409,
    expect.stringContaining("can't use getUpdates method while webhook is active"),
  ]);
  await botCall(telegram, 'deleteWebhook');
  expect((await getUpdates()).status).toBe(200);
});

test('an update that waited for 24 hours is gone', async () => {
  telegram.injectUpdate({ ...message('old') });
  clock.advance(24 * 60 * 60_000 + 1);
  expect(updatesOf(await getUpdates())).toEqual([]);
  expect(telegram.updates.dropped).toBe(1);
});
