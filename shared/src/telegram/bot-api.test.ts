import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  startScriptedServer,
  startScriptedServerOn,
  type ScriptedAnswer,
  type ScriptedServer,
} from '../platform/testing/scripted-server.ts';
import { noTelemetry } from '../platform/telemetry/telemetry.ts';
import { createBotApi, type BotApi } from './bot-api.ts';

const TOKEN = '123456:token-that-nobody-may-see';

describe('calling the Bot API', () => {
  let server: ScriptedServer | undefined;
  let botApi: BotApi | undefined;

  afterEach(async () => {
    botApi?.close();
    await server?.close();
    server = undefined;
  });

  async function answering(...script: [ScriptedAnswer, ...ScriptedAnswer[]]): Promise<BotApi> {
    server = await startScriptedServer(...script);
    botApi = createBotApi({ apiRoot: server.url, token: TOKEN }, noTelemetry);
    return botApi;
  }

  async function failureOf(call: Promise<unknown>): Promise<unknown> {
    return call.then(
      () => {
        throw new Error('The call succeeded');
      },
      (error: unknown) => error,
    );
  }

  test('a method is posted as JSON under the token, and its result returned', async () => {
    const api = await answering({ status: 200, body: { ok: true, result: { id: 7 } } });
    expect(await api.call('getMe', { a: 1 })).toEqual({ id: 7 });
    expect(server?.requests[0]).toMatchObject({ method: 'POST', path: `/bot${TOKEN}/getMe`, body: '{"a":1}' });
  });

  test('an error answer keeps its code, its words and its parameters', async () => {
    const api = await answering({
      status: 400,
      body: {
        ok: false,
        error_code: 400,
        description: 'Bad Request: group chat was upgraded to a supergroup chat',
        parameters: { migrate_to_chat_id: -1002 },
      },
    });
    expect(await failureOf(api.call('getChat'))).toMatchObject({
      name: 'TelegramApiError',
      errorCode: 400,
      code: 'telegram_400',
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      migrateToChatId: -1002,
      retryAfterSeconds: undefined,
    });
  });

  test.each([
    ['parameters', { parameters: { retry_after: 17 } }, {}, 17],
    ['a text in parameters', { parameters: { retry_after: '17' } }, {}, 17],
    ['the header alone', {}, { 'retry-after': '9' }, 9],
    ['nothing', {}, {}, 60],
    ['garbage', { parameters: { retry_after: 'soon' } }, { 'retry-after': 'later' }, 60],
    ['a negative number', { parameters: { retry_after: -5 } }, {}, 60],
    ['five days', { parameters: { retry_after: 432_000 } }, {}, 432_000],
    ['a year, more than any that Telegram orders', { parameters: { retry_after: 31_536_000 } }, {}, 1_209_600],
  ])('429 with %s is a pause with a length', async (_name, extra, headers, seconds) => {
    const api = await answering({
      status: 429,
      headers: headers,
      body: { ok: false, error_code: 429, description: 'Too Many Requests', ...extra },
    });
    expect(await failureOf(api.call('createChatInviteLink'))).toMatchObject({ retryAfterSeconds: seconds });
    expect(server?.requests).toHaveLength(1);
  });

  test('an answer that is no JSON counts by its status', async () => {
    const api = await answering(
      { status: 502, body: '<html>Bad Gateway</html>' },
      { status: 200, body: '<html>hello</html>' },
    );
    expect(await failureOf(api.call('getMe'))).toMatchObject({ name: 'TelegramApiError', errorCode: 502 });
    expect(await failureOf(api.call('getMe'))).toMatchObject({ name: 'TelegramCallError' });
  });

  test.each([
    ['ok without a result', 200, { ok: true }],
    ['ok with another status', 302, { ok: true, result: 1 }],
    ['a result that is not said to be ok', 200, { result: 1 }],
    ['ok in another type', 200, { ok: 'true', result: 1 }],
    ['ok: false without a code', 200, { ok: false }],
    ['a list', 200, [{ ok: true, result: 1 }]],
    ['null', 200, 'null'],
    ['nothing', 200, ''],
    ['nothing', 204, ''],
    ['half of it', 200, '{"ok":true,"result":1'],
  ])('%s (%i) is no success', async (_name, status, body) => {
    const failure = await failureOf((await answering({ status, body })).call('getMe'));
    expect(failure).toMatchObject(status === 302 ? { code: 'telegram_302' } : { code: 'telegram_unreadable' });
  });

  test.each([false, 0, '', null, []])('a result may be %p', async (result) => {
    expect(await (await answering({ status: 200, body: { ok: true, result } })).call('getMe')).toEqual(result);
  });

  test('a Retry-After may be a date', async () => {
    const headers = { date: 'Sat, 28 Nov 2026 05:00:00 GMT', 'retry-after': 'Sat, 28 Nov 2026 05:00:42 GMT' };
    const api = await answering({ status: 429, headers, body: '' });
    expect(await failureOf(api.call('getMe'))).toMatchObject({ retryAfterSeconds: 42 });
  });

  test('an answer that repeats the request is told without the token, the link and the rest', async () => {
    const link = 'https://t.me/+AbCdEf012345';
    const api = await answering({
      status: 400,
      body: {
        ok: false,
        error_code: 400,
        description: `Bad Request: POST /bot${TOKEN}/x {"invite_link":"https:\\/\\/t.me\\/+AbCdEf012345","name":"0123abcd"} ${encodeURIComponent(link)} chat not found`,
      },
    });
    const failure = await failureOf(api.call('revokeChatInviteLink', { invite_link: link, name: '0123abcd' }));
    expect(failure).toMatchObject({ description: expect.stringContaining('chat not found') });
    expect(inspect(failure, { depth: 10 })).not.toMatch(/nobody-may-see|AbCdEf|0123abcd/);
  });

  test('a broken connection is not tried again: Telegram may have done the work', async () => {
    const api = await answering('disconnect');
    expect(await failureOf(api.call('createChatInviteLink'))).toMatchObject({
      name: 'TelegramCallError',
      code: 'telegram_unreachable',
    });
    expect(server?.requests).toHaveLength(1);
  });

  test('a connection that never came about is tried again, since Telegram cannot have seen the call', async () => {
    const api = await answering({ status: 200, body: { ok: true, result: 1 } });
    const port = Number(new URL(server?.url ?? '').port);
    await server?.close();
    // The first try finds nobody; the server is there before the next.
    const call = api.call('getMe');
    await new Promise((resolve) => setTimeout(resolve, 40));
    server = await startScriptedServerOn(port, { status: 200, body: { ok: true, result: 2 } });
    expect(await call).toBe(2);
  });

  test('nobody there at all is a failed call', async () => {
    const api = await answering({ status: 200 });
    await server?.close();
    server = undefined;
    expect(await failureOf(api.call('getMe'))).toMatchObject({
      name: 'TelegramCallError',
      cause: { code: 'ECONNREFUSED' },
    });
  });

  test('a call ends at its time limit', async () => {
    const { createServer } = await import('node:net');
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const address = silent.address();
    const apiRoot = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
    botApi = createBotApi({ apiRoot, token: TOKEN }, noTelemetry);
    expect(await failureOf(botApi.call('getMe', {}, { timeoutMs: 50 }))).toMatchObject({ name: 'TelegramCallError' });
    botApi.close();
    silent.close();
  });

  test('no way of printing an error shows the token', async () => {
    const api = await answering('disconnect', {
      status: 401,
      body: { ok: false, error_code: 401, description: 'Unauthorized' },
    });
    for (let call = 0; call < 2; call += 1) {
      const failure = await failureOf(api.call('getMe'));
      expect(inspect(failure, { depth: 10 })).not.toContain(TOKEN);
    }
  });
});
