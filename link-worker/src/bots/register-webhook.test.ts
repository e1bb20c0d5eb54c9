import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { registerWebhook } from './register-webhook.ts';

const webhook = { baseUrl: 'https://pay.example.com', secret: 'hook' };

function register(
  answers: Record<string, readonly unknown[]>,
  clock = new ManualClock(),
  stopping = new AbortController(),
  readsMessages = () => Promise.resolve(false),
) {
  const calls: { readonly method: string; readonly parameters: object }[] = [];
  const lines: string[] = [];
  const botApi: BotApi = {
    call: (method, parameters = {}) => {
      calls.push({ method, parameters });
      const nth = calls.filter((call) => call.method === method).length - 1;
      const answer = answers[method]?.[nth];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    close: () => undefined,
  };
  const log = createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) });
  return {
    done: registerWebhook(webhook, { readsMessages, botApi, clock, log }, stopping.signal),
    calls,
    lines,
    clock,
    stopping,
  };
}

describe('registering the webhook', () => {
  test('sends URL, secret and the two kinds of updates, and says what was changed', async () => {
    const { done, calls, lines } = register({ getWebhookInfo: [{ url: 'https://old.example' }], setWebhook: [true] });
    await done;
    expect(calls[1]).toEqual({
      method: 'setWebhook',
      parameters: {
        url: 'https://pay.example.com/v1/telegram/webhook',
        secret_token: 'hook',
        allowed_updates: ['chat_member', 'my_chat_member', 'chat_join_request'],
      },
    });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      changed: {
        url: { from: 'https://old.example', to: 'https://pay.example.com/v1/telegram/webhook' },
        allowedUpdates: {
          from: 'the default, without chat_member',
          to: ['chat_member', 'my_chat_member', 'chat_join_request'],
        },
      },
    });
  });

  test('sends the secret again when all looks right', async () => {
    const info = {
      url: 'https://pay.example.com/v1/telegram/webhook',
      allowed_updates: ['chat_join_request', 'my_chat_member', 'chat_member'],
    };
    const { done, calls, lines } = register({ getWebhookInfo: [info], setWebhook: [true] });
    await done;
    expect(calls.map((call) => call.method)).toEqual(['getWebhookInfo', 'setWebhook']);
    expect(lines.join('')).toMatch(/registered already/);
  });

  test('tries again until Telegram takes it', async () => {
    const down = new TelegramCallError('no answer');
    const { done, calls, clock } = register({ getWebhookInfo: [down, down, { url: '' }], setWebhook: [true] });
    for (const waitMs of [1_000, 2_000]) {
      await new Promise(setImmediate);
      clock.advance(waitMs);
    }
    await done;
    expect(calls.map((call) => call.method)).toEqual([
      'getWebhookInfo',
      'getWebhookInfo',
      'getWebhookInfo',
      'setWebhook',
    ]);
  });

  test('makes no call before the end of a pause that Telegram orders', async () => {
    const refusal = new TelegramApiError({ errorCode: 429, description: 'Too Many Requests', retryAfterSeconds: 30 });
    const { done, calls, clock } = register({ getWebhookInfo: [refusal, { url: '' }], setWebhook: [true] });
    await new Promise(setImmediate);
    clock.advance(29_999);
    await new Promise(setImmediate);
    expect(calls).toHaveLength(1);
    clock.advance(1);
    await done;
    expect(calls).toHaveLength(3);
  });

  test('ends when it is aborted', async () => {
    const { done, stopping } = register({ getWebhookInfo: [new TelegramCallError('no answer')] });
    await new Promise(setImmediate);
    stopping.abort();
    await done;
  });
});
