import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { openHttpEdge, type HttpEdge } from '@paid-community/shared/platform/testing/http-edge.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { joinTracker } from '../service.ts';
import { joinUpdate } from '../testing/open-tracker.ts';

const PATH = '/v1/telegram/webhook';
const SECRETS = ['the-new-webhook-secret', 'the-old-webhook-secret'] as const;
const BOT = '222222222';

let backend: Backend;
let close: () => Promise<void>;
let edge: HttpEdge;

beforeEach(async () => {
  const clock = new ManualClock();
  ({ backend, close } = openTemporaryBackend(clock));
  const tracker = joinTracker({
    ...backend,
    clock,
    log: silentLog,
    telemetry: noTelemetry,
    config: {
      BACKEND: 'embedded',
      TELEGRAM_UPDATES: 'webhook',
      TELEGRAM_WEBHOOK_SECRET: [...SECRETS],
      RETENTION_DAYS: 400,
      REMOVAL_BREAKER_PERCENT: 5,
      REMOVAL_BREAKER_LEAST: 10,
      DISPUTE_SUSPENDS: 'false',
    },
  });
  edge = await openHttpEdge(tracker.routes);
});
afterEach(async () => {
  await edge.close();
  await close();
});

async function post(path: string, secret: string): Promise<number> {
  const response = await fetch(`${edge.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'X-Telegram-Bot-Api-Secret-Token': secret },
    body: JSON.stringify(joinUpdate()),
  });
  await response.text();
  return response.status;
}

// As the contract says it, and not by the function of the code.
function derived(secret: string, botId = BOT): string {
  return createHmac('sha256', secret).update(`telegram-webhook:${botId}`).digest('hex');
}

test.each(SECRETS)('a further bot posts to its own path with what is derived from %s', async (secret) => {
  expect(await post(`${PATH}/${BOT}`, derived(secret))).toBe(200);
  expect(await post(PATH, secret)).toBe(200);
});

test.each([
  ['the secret of the default bot, at the path of another', `${PATH}/${BOT}`, SECRETS[0]],
  ['the secret of another bot', `${PATH}/${BOT}`, derived(SECRETS[0], '333333333')],
  ['the secret of a bot, at the path of the default one', PATH, derived(SECRETS[0])],
  ['a secret that is none any more', `${PATH}/${BOT}`, derived('the-oldest-webhook-secret')],
  ['a bot that there is not', `${PATH}/999`, derived(SECRETS[0])],
  ['no secret', `${PATH}/${BOT}`, ''],
])('%s is refused', async (_name, path, secret) => {
  expect(await post(path, secret)).toBe(401);
});
