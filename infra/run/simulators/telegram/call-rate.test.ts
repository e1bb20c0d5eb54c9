import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { botCall, CHAT_ID, startTelegram } from '../testing/bot-calls.ts';
import type { BotAnswer } from '../testing/bot-calls.ts';
import type { TelegramSimulator } from './telegram-simulator.ts';

let telegram: TelegramSimulator;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  telegram = await startTelegram({ linkCallsPerSecond: 0.5, burst: 2, clock });
});
afterEach(() => telegram.close());

const createLink = (): Promise<BotAnswer> => botCall(telegram, 'createChatInviteLink', { chat_id: CHAT_ID });
const statuses = async (calls: number): Promise<number[]> => {
  const seen: number[] = [];
  for (let call = 0; call < calls; call += 1) seen.push((await createLink()).status);
  return seen;
};

test('over the burst, a 429 tells the wait in its text, its parameters and its header', async () => {
  expect(await statuses(2)).toEqual([200, 200]);
  const refused = await createLink();
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('2');
  expect(refused.body).toEqual({
    ok: false,
    error_code: 429,
    description: 'Too Many Requests: retry after 2',
    parameters: { retry_after: 2 },
  });
  expect(telegram.links.size).toBe(2);
});

test('a client that waits as long as it was told is never called early', async () => {
  await statuses(3);
  clock.advance(2000);
  expect(await statuses(1)).toEqual([200]);
  expect(telegram.calls).toMatchObject({ tooManyRequests: 1, callsDuringStop: 0 });
});

test('a call during the stop is refused, counted, and keeps the stop', async () => {
  await statuses(3);
  clock.advance(1500);
  expect((await createLink()).body).toMatchObject({ parameters: { retry_after: 1 } });
  expect(telegram.calls.callsDuringStop).toBe(1);
  clock.advance(900);
  expect(await statuses(1)).toEqual([429]);
  expect(telegram.calls.callsDuringStop).toBe(2);
});

test('calls at the sustained rate all pass', async () => {
  await statuses(2);
  for (let call = 0; call < 10; call += 1) {
    clock.advance(2000);
    expect(await statuses(1)).toEqual([200]);
  }
  expect(telegram.calls.tooManyRequests).toBe(0);
});

test('a long rest saves up no more than the burst', async () => {
  clock.advance(3_600_000);
  expect(await statuses(3)).toEqual([200, 200, 429]);
});

test('other methods are not limited, not even during a pause', async () => {
  await statuses(3);
  expect((await botCall(telegram, 'getMe')).status).toBe(200);
});

test('every link call leaves its time, the refused ones too', async () => {
  const startMs = clock.now();
  await statuses(3);
  expect(telegram.calls.linkCallTimes).toEqual([startMs, startMs, startMs]);
});

test('the times can be left out, and the limit too', async () => {
  const unlimited = await startTelegram({ recordLinkCalls: false });
  try {
    await Promise.all(
      Array.from({ length: 20 }, () => botCall(unlimited, 'createChatInviteLink', { chat_id: CHAT_ID })),
    );
    expect(unlimited.links.size).toBe(20);
    expect(unlimited.calls.linkCallTimes).toEqual([]);
    expect(unlimited.calls.of('createChatInviteLink')).toBe(20);
  } finally {
    await unlimited.close();
  }
});
