import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectionCodeId, connectionCodes } from '@paid-community/shared/model/communities/connection-code.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { derivedSecret } from '@paid-community/shared/telegram/webhook.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import type { UpdatesSetting } from '../health/webhook-findings.ts';
import { registerAtStart } from './register-at-start.ts';

type Called = readonly [botId: string, method: string, parameters: object];

let backend: Backend;
let close: () => Promise<void>;
beforeEach(() => {
  ({ backend, close } = openTemporaryBackend(new ManualClock()));
});
afterEach(() => close());

async function start(
  updates: UpdatesSetting,
): Promise<{ readonly calls: readonly Called[]; readonly lines: string[] }> {
  const calls: Called[] = [];
  const lines: string[] = [];
  const bots = ['7', '8'].map((botId) => {
    const call = (method: string, parameters: object = {}): Promise<unknown> => {
      calls.push([botId, method, parameters]);
      return Promise.resolve(method === 'getWebhookInfo' ? { url: '' } : true);
    };
    return { botId, api: { call, close: () => undefined } };
  });
  const log = createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) });
  const deps = { store: backend.store, clock: new ManualClock(), log };
  await registerAtStart(updates, bots, deps, new AbortController().signal);
  return { calls, lines };
}

const byWebhook = { by: 'webhook', baseUrl: 'https://pay.example.com', secret: 'hook' } as const;

test('the webhook of each bot is registered under the public URL: a path and a secret for each', async () => {
  const { calls } = await start(byWebhook);
  const registered = calls.filter(([, method]) => method === 'setWebhook');
  expect(registered).toEqual([
    [
      '7',
      'setWebhook',
      expect.objectContaining({ url: `${byWebhook.baseUrl}/v1/telegram/webhook`, secret_token: 'hook' }),
    ],
    [
      '8',
      'setWebhook',
      expect.objectContaining({
        url: `${byWebhook.baseUrl}/v1/telegram/webhook/8`,
        secret_token: derivedSecret('hook', '8'),
      }),
    ],
  ]);
});

test('a bot with an open connection code is registered for messages, too', async () => {
  const at = { createdAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T01:00:00.000Z' };
  const code = { communityId: 'gold', botId: '8', ...at };
  await createIfAbsent(backend.store, connectionCodes, connectionCodeId('code'), code);
  const { calls } = await start(byWebhook);
  const asksForMessages = calls.filter(([, , parameters]) => JSON.stringify(parameters).includes('"message"'));
  expect(asksForMessages.map(([botId]) => botId)).toEqual(['8']);
});

test('without a public URL nothing is registered, and a line says what to set', async () => {
  const { calls, lines } = await start({ by: 'webhook', baseUrl: undefined, secret: 'hook' });
  expect(calls).toEqual([]);
  expect(lines.join('')).toContain('set BASE_URL to the public https URL, or TELEGRAM_UPDATES=polling');
});

test('with polling the webhook is left to join-tracker, which polls', async () => {
  expect(await start({ by: 'polling' })).toEqual({ calls: [], lines: [] });
});
