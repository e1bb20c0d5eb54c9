import { expect, test } from '@jest/globals';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import type { UpdatesSetting } from '../health/webhook-findings.ts';
import { registerAtStart } from './register-at-start.ts';

async function start(updates: UpdatesSetting): Promise<{ readonly calls: string[]; readonly lines: string[] }> {
  const calls: string[] = [];
  const lines: string[] = [];
  const call = (method: string): Promise<unknown> => {
    calls.push(method);
    return Promise.resolve(method === 'getWebhookInfo' ? { url: '' } : true);
  };
  const log = createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) });
  const botApi = { call, close: () => undefined };
  await registerAtStart(updates, { botApi, clock: new ManualClock(), log }, new AbortController().signal);
  return { calls, lines };
}

test('the webhook is registered under the public URL', async () => {
  const { calls } = await start({ by: 'webhook', baseUrl: 'https://pay.example.com', secret: 'hook' });
  expect(calls).toEqual(['getWebhookInfo', 'setWebhook']);
});

test('without a public URL nothing is registered, and a line says what to set', async () => {
  const { calls, lines } = await start({ by: 'webhook', baseUrl: undefined, secret: 'hook' });
  expect(calls).toEqual([]);
  expect(lines.join('')).toContain('set BASE_URL to the public https URL, or TELEGRAM_UPDATES=polling');
});

test('with polling the webhook is left to join-tracker, which polls', async () => {
  expect(await start({ by: 'polling' })).toEqual({ calls: [], lines: [] });
});
