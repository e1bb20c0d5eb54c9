import { handleTaskByType } from '@paid-community/shared/platform/delivery/task-handlers.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import type { InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import type { Service } from '@paid-community/shared/platform/service/service.ts';
import { createBotApi, type BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { CreateInviteLink } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import {
  startScriptedServer,
  type ScriptedAnswer,
  type ScriptedServer,
} from '@paid-community/shared/platform/testing/scripted-server.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { linkCreatedEvents } from '@paid-community/shared/model/topics.ts';
import { StoredRequests } from '../testing/stored-requests.ts';
import { linkWorker } from '../service.ts';

const TOKEN = '7:token-of-the-bot';

const refusal = (errorCode: number, description: string): ScriptedAnswer => ({
  status: errorCode,
  body: { ok: false, error_code: errorCode, description },
});
const link = (inviteLink: unknown): ScriptedAnswer => ({
  status: 200,
  body: { ok: true, result: { invite_link: inviteLink } },
});

/** The whole of link-worker over HTTP: what Telegram answers to a link call, and what becomes of the request. */
describe('an answer of Telegram to a link call', () => {
  let backend: Backend;
  let closeBackend: () => Promise<void>;
  let server: ScriptedServer | undefined;
  let botApi: BotApi | undefined;
  let lines: string[];
  let eventBus: RecordingEventBus;
  let taskQueue: RecordingTaskQueue;
  const clock = new ManualClock();

  beforeEach(() => {
    ({ backend, close: closeBackend } = openTemporaryBackend(clock));
    lines = [];
    eventBus = new RecordingEventBus();
    taskQueue = new RecordingTaskQueue();
  });

  afterEach(async () => {
    botApi?.close();
    await server?.close();
    server = undefined;
    await closeBackend();
  });

  async function workerOn(apiRoot: string): Promise<Service> {
    botApi = createBotApi({ apiRoot, token: TOKEN }, noTelemetry);
    const log = createLogger({ level: 'info', secrets: [TOKEN], write: (line) => lines.push(line) });
    const config = {
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_BOT_TOKENS: [],
      TELEGRAM_API_ROOT: apiRoot,
      TELEGRAM_CHAT_ID: '-1001',
      RETENTION_DAYS: 400,
      LINK_TTL_HOURS: 0,
      LINK_POOL_MAX_AGE_HOURS: 720,
      MAX_ATTEMPTS: 50,
      BASE_BACKOFF_SEC: 5,
      SAFE_RPS_SLEEP_MS: 0,
      LINK_RATE: 'fixed' as const,
      TASKS_MAX_CONCURRENT_DISPATCHES: 1,
      LINK_RATE_FLOOR_PER_SECOND: 0.02,
      LINK_RATE_CEILING_PER_SECOND: 30,
    };
    for (const requestId of ['first', 'second']) await new StoredRequests(backend.store).create(newRequest(requestId));
    return linkWorker({
      config,
      eventBus,
      taskQueue,
      store: backend.store,
      botApis: new Map([['7', botApi]]),
      updates: () => ({ by: 'polling' }),
      callsTelegramAtStart: false,
      clock,
      log,
      telemetry: noTelemetry,
    });
  }

  async function workerAnswered(...answers: [ScriptedAnswer, ...ScriptedAnswer[]]): Promise<Service> {
    server = await startScriptedServer(...answers);
    return workerOn(server.url);
  }

  async function work(service: Service, requestId: string): Promise<void> {
    const task = { requestId, attemptNumber: 1, deferrals: 0, traceparent: '' };
    const { name, payload } = CreateInviteLink.toQueueTask(task);
    const [binding] = service.tasks;
    if (binding === undefined) throw new Error('Nothing takes the task');
    await handleTaskByType(binding)(task, { name, payload, attemptNumber: 1 });
  }

  async function request(requestId: string): Promise<InviteRequestDocument | undefined> {
    return (await new StoredRequests(backend.store).get(requestId))?.data;
  }

  test.each([
    [400, 'Logged out', /TELEGRAM_API_ROOT/],
    [400, 'Bad Request: PEER_ID_INVALID', /TELEGRAM_CHAT_ID/],
    [400, 'Bad Request: chat not found', /TELEGRAM_CHAT_ID/],
    [400, 'Bad Request: not enough rights to manage chat invite link', /administrator/],
    [403, 'Forbidden: user is deactivated', /TELEGRAM_CHAT_ID/],
    [403, 'Forbidden: bot was kicked from the supergroup chat', /Add the bot/],
    [403, 'Forbidden: some new reason', /TELEGRAM_CHAT_ID/],
    [401, 'Unauthorized', /BotFather/],
    [404, 'Not Found', /BotFather/],
  ])('%i "%s" says at once, as an error, what an administrator has to do', async (errorCode, description, advice) => {
    await work(await workerAnswered(refusal(errorCode, description)), 'first');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      outcome: 'needs_administrator',
      hint: expect.stringMatching(advice),
    });
    expect(await request('first')).toMatchObject({
      status: 'PROCESSING',
      attempts: 1,
      lastError: { code: `telegram_${errorCode}`, message: `Telegram answered ${errorCode}: ${description}` },
    });
  });

  test('that is in no row of the table is tried again, and is said as an error', async () => {
    await work(await workerAnswered(refusal(400, 'Bad Request: SOMETHING_NEW')), 'first');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', outcome: 'unknown' });
    expect(await request('first')).toMatchObject({ status: 'PROCESSING', attempts: 1 });
    expect(taskQueue.tasks).toHaveLength(1);
  });

  test('that can never be another one gives the request up at once', async () => {
    const worker = await workerAnswered(
      refusal(400, "Bad Request: member limit can't be specified for links requiring administrator approval"),
    );
    await expect(work(worker, 'first')).rejects.toMatchObject({ name: 'PermanentError' });
    expect(await request('first')).toMatchObject({
      status: 'FAILED',
      attempts: 1,
      lastError: { code: 'telegram_400' },
    });
  });

  test('of any size leaves a short error in the document, and a short line in the log', async () => {
    await work(await workerAnswered(refusal(400, `Bad Request: ${'x😀'.repeat(20_000)}`)), 'first');
    expect(await request('first')).toMatchObject({ status: 'PROCESSING', attempts: 1 });
    expect((await request('first'))?.lastError?.message.length).toBeLessThanOrEqual(300);
    expect((await request('first'))?.lastError?.message.isWellFormed()).toBe(true);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(5_000);
  });

  test('that never came leaves its cause where the operator looks, without the token', async () => {
    await work(await workerOn('http://no-such-host.invalid'), 'first');
    const { lastError } = (await request('first')) ?? {};
    expect(lastError).toMatchObject({
      code: 'telegram_unreachable',
      message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    });
    expect(lastError?.message).not.toContain(TOKEN);
  });

  test.each([
    'javascript:alert(1)',
    'https://evil.example/+abc',
    'https://t.me.evil.example/+abc',
    'https://t.me/+',
    'https://t.me/some_group',
    `https://t.me/+${'a'.repeat(600)}`,
    'https://t.me/+abc\n',
    'https://t.me/+abc" onclick="x',
    'http://t.me/+abc',
    'https://user@t.me/+abc',
    '',
    7,
    null,
  ])('with %j in the place of a link is no link', async (inviteLink) => {
    await work(await workerAnswered(link(inviteLink)), 'first');
    expect(await request('first')).toMatchObject({
      status: 'PROCESSING',
      attempts: 1,
      lastError: { code: 'telegram_unreadable' },
    });
    expect(eventBus.published).toEqual([]);
  });

  test.each([
    'https://t.me/+AbC-_9',
    'https://t.me/joinchat/AbC-_9',
    'https://telegram.me/+AbC',
    'https://telegram.dog/joinchat/AbC',
  ])('with the link %s is one', async (inviteLink) => {
    await work(await workerAnswered(link(inviteLink)), 'first');
    expect(await request('first')).toMatchObject({ status: 'DONE', inviteLink });
  });

  test('with a link that another request has already is for the dead letters after one call, and reaches nobody', async () => {
    const worker = await workerAnswered(link('https://t.me/+same'));
    await work(worker, 'first');
    await expect(work(worker, 'second')).rejects.toMatchObject({ name: 'PermanentError', code: 'link_given_twice' });
    expect(server?.requests).toHaveLength(2);
    expect(eventBus.eventsOn(linkCreatedEvents)).toMatchObject([{ subject: 'first' }]);
    expect(await request('second')).not.toHaveProperty('inviteLink');
  });
});

function newRequest(requestId: string): InviteRequestDocument {
  const createdAt = '2026-01-01T00:00:00.000Z';
  return {
    requestId,
    userId: 'user-1',
    transactionId: '',
    communityId: 'default',
    status: 'QUEUED',
    attempts: 0,
    createdAt,
    updatedAt: createdAt,
    traceparent: '',
  };
}
