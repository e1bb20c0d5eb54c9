import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BOT_TOKEN, botCall, CHAT_ID, createLink, startTelegram } from '../testing/bot-calls.ts';
import type { BotAnswer } from '../testing/bot-calls.ts';
import { until } from '../testing/until.ts';
import type { TelegramSimulator } from '../telegram/telegram-simulator.ts';

let telegram: TelegramSimulator;
beforeEach(async () => {
  telegram = await startTelegram();
});
afterEach(() => telegram.close());

const METHOD = 'createChatInviteLink';
const call = (init: RequestInit = {}): Promise<BotAnswer> => botCall(telegram, METHOD, { chat_id: CHAT_ID }, init);

describe('what goes wrong', () => {
  test('any answer can stand in for the work', async () => {
    telegram.faults.next(METHOD, {
      kind: 'answer',
      status: 502,
      body: '<html>Bad Gateway</html>',
      headers: { 'x-note': 'proxy' },
    });
    const response = await fetch(`${telegram.url}/bot${BOT_TOKEN}/${METHOD}?chat_id=${CHAT_ID}`);
    expect([response.status, response.headers.get('x-note'), await response.text()]).toEqual([
      502,
      'proxy',
      '<html>Bad Gateway</html>',
    ]);
    expect(telegram.links.size).toBe(0);
  });

  test('a scripted 429 stops link calls for as long as it says', async () => {
    telegram.faults.next(METHOD, { kind: 'too-many-requests', retryAfter: 30 });
    const refused = await call();
    expect([refused.status, refused.headers.get('retry-after'), refused.body['parameters']]).toEqual([
      429,
      '30',
      { retry_after: 30 },
    ]);
    expect((await call()).status).toBe(429);
    expect(telegram.calls).toMatchObject({ tooManyRequests: 2, callsDuringStop: 1 });
    expect(telegram.links.size).toBe(0);
  });

  test('a 429 may say nothing about the wait, or nonsense, and then imposes no stop', async () => {
    telegram.faults.next(METHOD, { kind: 'too-many-requests' }, { kind: 'too-many-requests', retryAfter: 'soon' });
    const silent = await call();
    expect([silent.status, silent.headers.get('retry-after'), 'parameters' in silent.body]).toEqual([429, null, false]);
    expect((await call()).body).toMatchObject({ parameters: { retry_after: 'soon' } });
    expect((await call()).status).toBe(200);
    expect(telegram.calls.callsDuringStop).toBe(0);
  });

  test('a delayed call is answered late, with its work done', async () => {
    const startedAt = performance.now();
    telegram.faults.next(METHOD, { kind: 'delay', ms: 40 });
    expect((await call()).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(35);
  });

  test.each([
    [true, 1],
    [false, 0],
  ])('a connection lost with the work done (%p) leaves %p links', async (afterWork, links) => {
    telegram.faults.next(METHOD, { kind: 'disconnect', afterWork });
    await expect(call()).rejects.toThrow('fetch failed');
    expect(telegram.links.size).toBe(links);
  });

  test.each([
    [true, 1],
    [false, 0],
  ])('a call that hangs with the work done (%p) leaves %p links', async (afterWork, links) => {
    telegram.faults.next(METHOD, { kind: 'hang', afterWork });
    const patience = new AbortController();
    const hanging = call({ signal: patience.signal });
    await until('the call has arrived', () => telegram.calls.of(METHOD) === 1);
    patience.abort();
    await expect(hanging).rejects.toThrow('aborted');
    expect(telegram.links.size).toBe(links);
  });

  test('closing ends calls that hang or are delayed', async () => {
    telegram.faults.next(METHOD, { kind: 'hang', afterWork: false }, { kind: 'delay', ms: 60_000 });
    const results = Promise.allSettled([call(), call()]);
    await until('both calls have arrived', () => telegram.calls.of(METHOD) === 2);
    await telegram.close();
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

describe('the script', () => {
  test('queued faults are taken in order, one a call, by their method alone', async () => {
    telegram.faults.next(METHOD, { kind: 'answer', status: 500 }, { kind: 'answer', status: 502 });
    telegram.faults.next(METHOD, { kind: 'answer', status: 503 });
    expect((await botCall(telegram, 'getMe')).status).toBe(200);
    expect([(await call()).status, (await call()).status, (await call()).status, (await call()).status]).toEqual([
      500, 502, 503, 200,
    ]);
  });

  test('a behaviour sees each call and decides, after what is queued', async () => {
    telegram.faults.behaviour = ({ method, callNumber, parameters }) =>
      method === METHOD && callNumber % 2 === 0 && parameters['chat_id'] === CHAT_ID
        ? { kind: 'answer', status: 500 }
        : undefined;
    telegram.faults.next(METHOD, { kind: 'answer', status: 418 });
    expect([(await call()).status, (await call()).status, (await call()).status, (await call()).status]).toEqual([
      418, 500, 200, 500,
    ]);
  });

  test('a cleared script lets everything through', async () => {
    telegram.faults.next(METHOD, { kind: 'answer', status: 500 });
    telegram.faults.behaviour = () => ({ kind: 'answer', status: 500 });
    telegram.faults.clear();
    expect(await createLink(telegram)).toContain('https://t.me/+');
  });
});
