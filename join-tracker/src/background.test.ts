import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { startScriptedServer } from '@paid-community/shared/platform/testing/scripted-server.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { joinTracker, type JoinTrackerDeps } from './service.ts';

let backend: Backend;
let close: () => Promise<void>;
let queried: string[];

beforeEach(() => {
  queried = [];
  ({ backend, close } = openTemporaryBackend(new ManualClock()));
});
afterEach(() => close());

async function runBackground(config: Partial<JoinTrackerDeps['config']>, until?: () => boolean): Promise<void> {
  const store: DocumentStore = Object.create(backend.store, {
    query: {
      value: (query: Parameters<DocumentStore['query']>[0]) => {
        queried.push(query.collection.name);
        return backend.store.query(query);
      },
    },
  }) as DocumentStore;
  const service = joinTracker({
    eventBus: backend.eventBus,
    taskQueue: backend.taskQueue,
    store,
    clock: new ManualClock(),
    log: silentLog,
    telemetry: noTelemetry,
    config: {
      BACKEND: 'embedded',
      TELEGRAM_UPDATES: 'webhook',
      TELEGRAM_WEBHOOK_SECRET: [],
      RETENTION_DAYS: 400,
      REMOVAL_BREAKER_PERCENT: 5,
      REMOVAL_BREAKER_LEAST: 10,
      DISPUTE_SUSPENDS: 'false',
      ...config,
    } as JoinTrackerDeps['config'],
  });
  const stopping = new AbortController();
  const running = service.background?.(stopping.signal);
  if (until !== undefined) await eventually(until);
  stopping.abort();
  await running;
}

test('a start looks for joins that were not told', async () => {
  await runBackground({});
  expect(new Set(queried)).toEqual(new Set(['joins']));
});

test('a start on Google Cloud, where each read is billed, does not', async () => {
  await runBackground({ BACKEND: 'gcp' });
  expect(queried).toEqual([]);
});

test('with TELEGRAM_UPDATES=polling, Telegram is asked for updates until the stop', async () => {
  const telegram = await startScriptedServer(
    { status: 200, body: { ok: true, result: true } },
    { status: 200, body: { ok: true, result: [] } },
  );
  const bot = { TELEGRAM_API_ROOT: telegram.url, TELEGRAM_BOT_TOKEN: '7:TOKEN', TELEGRAM_BOT_TOKENS: [] };
  await runBackground({ TELEGRAM_UPDATES: 'polling', ...bot }, () => telegram.requests.length >= 2);
  expect(telegram.requests.slice(0, 2).map(({ path }) => path)).toEqual([
    '/bot7:TOKEN/deleteWebhook',
    '/bot7:TOKEN/getUpdates',
  ]);
  await telegram.close();
});
