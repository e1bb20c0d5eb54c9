import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PermanentError, RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import type { InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { linkCreatedEvents } from '@paid-community/shared/model/topics.ts';
import type { CreateInviteLinkTask } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { NoTokenError } from '../bots/not-served.ts';
import { Throttle } from '../bots/throttle.ts';
import type { Turns } from '../calls/make-call.ts';
import { createInviteLink, type CreateInviteLinkDeps } from './create-invite-link.ts';
import { StoredRequests } from '../testing/stored-requests.ts';
import { followUp } from './link-outcome.ts';
import type { InviteLinkClient, MadeInviteLink, NewLink } from './invite-link-client.ts';

const REQUEST_ID = '01234567-89ab-8def-8123-456789abcdef';
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const tooManyRequests = (retryAfterSeconds: number): TelegramApiError =>
  new TelegramApiError({ errorCode: 429, description: 'Too Many Requests', retryAfterSeconds });

/** A Telegram that makes a new link at each call, unless it is told to fail. */
class FakeTelegram implements InviteLinkClient {
  readonly calls: { readonly name: string; readonly expiresAt: Date | undefined }[] = [];
  readonly failures: Error[] = [];
  beforeAnswer: () => Promise<void> = () => Promise.resolve();

  async createInviteLink(link: { name: string; expiresAt: Date | undefined }): Promise<NewLink> {
    this.calls.push(link);
    const failure = this.failures.shift();
    const number = this.calls.length;
    await this.beforeAnswer();
    if (failure !== undefined) throw failure;
    return { inviteLink: `https://t.me/+link${number}`, chatId: '-1001' };
  }

  readonly revoked: string[] = [];

  revokeInviteLink({ inviteLink }: MadeInviteLink): Promise<void> {
    const failure = this.failures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    this.revoked.push(inviteLink);
    return Promise.resolve();
  }
}

describe('making an invite link', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let clock: ManualClock;
  let telegram: FakeTelegram;
  let eventBus: RecordingEventBus;
  let taskQueue: RecordingTaskQueue;
  let requests: StoredRequests;
  let deps: CreateInviteLinkDeps;
  let turns: Turns;

  beforeEach(async () => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    telegram = new FakeTelegram();
    eventBus = new RecordingEventBus();
    taskQueue = new RecordingTaskQueue();
    requests = new StoredRequests(backend.store);
    deps = {
      store: backend.store,
      callsOf: () => Promise.resolve({ botId: '7', telegram, turns }),
      callsOfMaker: (_link, { botId = '7' }) => Promise.resolve({ botId, telegram, turns }),
      clock,
      log: silentLog,
      limits: { maxAttempts: 4, baseBackoffMs: 5_000 },
      communities: { get: () => Promise.resolve(undefined) },
      linkTtlMsOf: () => undefined,
    };
    turns = newTurns();
    const now = new Date(clock.now()).toISOString();
    await requests.create({
      requestId: REQUEST_ID,
      userId: 'user-1',
      transactionId: 'txn-1',
      communityId: 'default',
      status: 'QUEUED',
      attempts: 0,
      createdAt: now,
      updatedAt: now,
      traceparent: TRACEPARENT,
    });
  });

  afterEach(() => close());

  function newTurns(spacingMs = 0): Turns {
    const bounds = { adaptive: false, startPerSecond: 1_000 / spacingMs, floorPerSecond: 0.02, ceilingPerSecond: 30 };
    const throttle = new Throttle({ instanceId: randomUUID(), bounds, atOnce: 2 }, { store: backend.store, clock });
    return throttle.turns('7', 'link', { communityId: 'default', callClass: 'purchase' });
  }

  async function run(task: Partial<CreateInviteLinkTask> = {}): Promise<void> {
    const outcome = await createInviteLink(
      { requestId: REQUEST_ID, attemptNumber: 1, deferrals: 0, traceparent: TRACEPARENT, ...task },
      deps,
    );
    await followUp(outcome, { eventBus, taskQueue });
  }

  async function request(): Promise<Record<string, unknown>> {
    const read = await requests.get(REQUEST_ID);
    return { ...read?.data };
  }

  /** Tasks as "attempt, deferrals, seconds from now". */
  function queued(): readonly (readonly number[])[] {
    return taskQueue.tasks.map((task) => {
      const payload = JSON.parse(task.payload) as CreateInviteLinkTask;
      return [
        payload.attemptNumber,
        payload.deferrals,
        ((task.notBefore?.getTime() ?? clock.now()) - clock.now()) / 1_000,
      ];
    });
  }

  test('the link is named after the request, recorded in both places, and published', async () => {
    await run();
    expect(telegram.calls).toEqual([
      { name: '0123456789ab8def8123456789abcdef', memberLimit: 1, expiresAt: undefined },
    ]);
    expect(await request()).toMatchObject({
      status: 'DONE',
      attempts: 1,
      inviteLink: 'https://t.me/+link1',
      telegramChatId: '-1001',
    });
    const link = await backend.store.get(inviteLinks, inviteLinkId('https://t.me/+link1'));
    expect(link?.data).toMatchObject({ requestId: REQUEST_ID, userId: 'user-1', transactionId: 'txn-1' });
    expect(eventBus.eventsOn(linkCreatedEvents)).toEqual([
      expect.objectContaining({
        id: `${REQUEST_ID}.link-created`,
        traceparent: TRACEPARENT,
        // With what the request can be rebuilt from.
        data: expect.objectContaining({
          requestId: REQUEST_ID,
          userId: 'user-1',
          transactionId: 'txn-1',
          inviteLink: 'https://t.me/+link1',
          telegramChatId: '-1001',
          attempts: 1,
        }) as unknown,
      }),
    ]);
    expect(taskQueue.tasks).toEqual([]);
  });

  test('a link expires when the setting says so', async () => {
    deps = { ...deps, linkTtlMsOf: () => 48 * 3_600_000 };
    await run();
    expect(telegram.calls[0]?.expiresAt?.getTime()).toBe(clock.now() + 48 * 3_600_000);
  });

  test('a task that comes again publishes the same event and makes no second link', async () => {
    await run();
    clock.advance(60_000);
    await run();
    expect(telegram.calls).toHaveLength(1);
    const [first, second] = eventBus.eventsOn(linkCreatedEvents);
    expect(second).toEqual(first);
  });

  test('a crash between the commit and the publish loses no event', async () => {
    eventBus.failNext = new RetryableError('down', 'the bus is down');
    await expect(run()).rejects.toThrow('the bus is down');
    expect(eventBus.eventsOn(linkCreatedEvents)).toEqual([]);
    await run();
    expect(telegram.calls).toHaveLength(1);
    expect(eventBus.eventsOn(linkCreatedEvents)).toHaveLength(1);
  });

  test('the loser of a race publishes the link of the winner', async () => {
    telegram.beforeAnswer = async () => {
      telegram.beforeAnswer = () => Promise.resolve();
      await run();
    };
    await run();
    expect(telegram.calls).toHaveLength(2);
    expect(await request()).toMatchObject({ status: 'DONE', inviteLink: 'https://t.me/+link2' });
    const links = eventBus
      .eventsOn(linkCreatedEvents)
      .map((event) => (event['data'] as { inviteLink: string }).inviteLink);
    expect(links).toEqual(['https://t.me/+link2', 'https://t.me/+link2']);
  });

  test('an attempt that failed while another was at work does not cost the link', async () => {
    telegram.beforeAnswer = async () => {
      telegram.beforeAnswer = () => Promise.resolve();
      telegram.failures.push(new TelegramCallError('no answer'));
      await run();
    };
    await run();
    expect(await request()).toMatchObject({ status: 'DONE', attempts: 2, inviteLink: 'https://t.me/+link1' });
    expect(await request()).not.toHaveProperty('lastError');
  });

  test('429 costs no attempt and no write; the task is put back for retry_after', async () => {
    telegram.failures.push(tooManyRequests(30));
    const before = await requests.get(REQUEST_ID);
    await run();
    expect(queued()).toEqual([[1, 1, 30]]);
    expect(await requests.get(REQUEST_ID)).toEqual(before);
  });

  test('during a pause no task makes a call, and what is put back returns one by one', async () => {
    turns = newTurns(200);
    telegram.failures.push(tooManyRequests(30));
    await run();
    clock.advance(10_000);
    for (const deferrals of [1, 2, 3]) await run({ deferrals });
    expect(telegram.calls).toHaveLength(1);
    expect(queued()).toEqual([
      [1, 1, 20],
      [1, 2, 20.2],
      [1, 3, 20.4],
      [1, 4, 20.6],
    ]);
    clock.advance(20_001);
    await run({ deferrals: 4 });
    expect(await request()).toMatchObject({ status: 'DONE', attempts: 1 });
  });

  test('a pause outlives the process', async () => {
    telegram.failures.push(tooManyRequests(30));
    await run();
    clock.advance(29_000);
    turns = newTurns();
    await run({ deferrals: 1 });
    expect(telegram.calls).toHaveLength(1);
    expect(queued().at(-1)).toEqual([1, 2, 1]);
  });

  test('a shorter retry_after does not end a longer one', async () => {
    telegram.failures.push(tooManyRequests(300));
    await run();
    await turns.refused(clock.monotonicMs(), 1_000);
    clock.advance(2_000);
    await run({ deferrals: 1 });
    expect(telegram.calls).toHaveLength(1);
  });

  test.each([
    ['no answer', new TelegramCallError('no answer')],
    ['5xx', new TelegramApiError({ errorCode: 502, description: 'Bad Gateway' })],
    [
      'lost rights',
      new TelegramApiError({
        errorCode: 400,
        description: 'Bad Request: not enough rights to manage chat invite link',
      }),
    ],
    [
      'a bot that was thrown out',
      new TelegramApiError({ errorCode: 403, description: 'Forbidden: bot was kicked from the supergroup chat' }),
    ],
    ['an unknown bot', new TelegramApiError({ errorCode: 401, description: 'Unauthorized' })],
    [
      'a migrated chat',
      new TelegramApiError({
        errorCode: 400,
        description: 'Bad Request: group chat was upgraded',
        migrateToChatId: -1002,
      }),
    ],
  ])('%s is counted, recorded, and tried again after a doubling backoff', async (_name, failure) => {
    telegram.failures.push(failure, failure, failure);
    for (const attemptNumber of [1, 2, 3]) await run({ attemptNumber });
    expect(queued()).toEqual([
      [2, 0, 5],
      [3, 0, 10],
      [4, 0, 20],
    ]);
    expect(await request()).toMatchObject({
      status: 'PROCESSING',
      attempts: 3,
      lastError: { code: failure.code, message: failure.message },
    });
    await run({ attemptNumber: 4 });
    expect(await request()).toMatchObject({ status: 'DONE', attempts: 4 });
  });

  test('the backoff ends at an hour', async () => {
    deps = { ...deps, limits: { ...deps.limits, maxAttempts: 100 } };
    for (let attemptNumber = 1; attemptNumber <= 12; attemptNumber += 1) {
      telegram.failures.push(new TelegramCallError('no answer'));
      await run({ attemptNumber });
    }
    expect(queued().at(-1)).toEqual([13, 0, 3_600]);
  });

  test('a failed attempt whose task comes again makes no call and asks for the same follow-up', async () => {
    telegram.failures.push(new TelegramCallError('no answer'));
    await run();
    taskQueue.tasks.length = 0;
    await run();
    expect(telegram.calls).toHaveLength(1);
    expect(queued()).toEqual([[2, 0, 5]]);
  });

  test('after the last attempt the request is FAILED, and its task belongs with the dead letters', async () => {
    const failure = new TelegramCallError('no answer');
    for (let attemptNumber = 1; attemptNumber <= 4; attemptNumber += 1) {
      telegram.failures.push(failure);
      const outcome = run({ attemptNumber });
      if (attemptNumber < 4) await outcome;
      else
        await expect(outcome).rejects.toThrow(
          new PermanentError('attempts_exhausted', '4 attempts failed, the last with: no answer'),
        );
    }
    expect(await request()).toMatchObject({ status: 'FAILED', attempts: 4 });
    await expect(run({ attemptNumber: 4 })).rejects.toBeInstanceOf(PermanentError);
    expect(telegram.calls).toHaveLength(4);
  });

  test('without the token of its bots the purchase waits like for an administrator, and goes on when it is there', async () => {
    const found = deps.callsOf;
    deps = { ...deps, callsOf: () => Promise.reject(new NoTokenError(['8'], 'The community "gold"')) };
    await run();
    expect(telegram.calls).toEqual([]);
    expect(await request()).toMatchObject({
      status: 'PROCESSING',
      attempts: 1,
      lastError: { code: 'bot_without_token', message: expect.stringContaining('TELEGRAM_BOT_TOKENS') },
    });
    expect(queued()).toEqual([[2, 0, 5]]);
    deps = { ...deps, callsOf: found };
    await run({ attemptNumber: 2 });
    expect(await request()).toMatchObject({ status: 'DONE', botId: '7' });
  });

  test('a purchase of a community that is not connected belongs with the dead letters at once', async () => {
    const error = new PermanentError('community_disconnected', 'The community "gold" was disconnected');
    deps = { ...deps, callsOf: () => Promise.reject(error) };
    await expect(run()).rejects.toBe(error);
  });

  test('a task without a request is for the dead letters', async () => {
    await expect(run({ requestId: '00000000-0000-8000-8000-000000000000' })).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'unknown_request',
    });
  });

  test('failed attempts are kept with time, code and message, the newest ten', async () => {
    deps = { ...deps, limits: { ...deps.limits, maxAttempts: 12 } };
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      telegram.failures.push(new TelegramCallError(`no answer ${attempt} ${'x'.repeat(500)}`));
      const run12 = run({ attemptNumber: attempt });
      await (attempt === 12 ? expect(run12).rejects.toBeInstanceOf(PermanentError) : run12);
      clock.advance(1_000);
    }
    const { failures, failedAt, status } = (await request()) as unknown as InviteRequestDocument;
    expect(failures?.map(({ message }) => message.split(' ')[2])).toEqual([
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
      '11',
      '12',
    ]);
    expect(failures?.[9]).toMatchObject({
      at: '2026-01-01T00:00:11.000Z',
      code: 'telegram_unreachable',
      message: expect.stringMatching(/^no answer 12 x{200,}$/),
    });
    expect(failures?.[9]?.message).toHaveLength(300);
    expect({ status, failedAt }).toEqual({ status: 'FAILED', failedAt: '2026-01-01T00:00:11.000Z' });
  });

  test('a task of before the request was queued anew makes no call', async () => {
    await change({ retries: 2 });
    await run({ retry: 1 });
    await run();
    expect(telegram.calls).toEqual([]);
    expect(taskQueue.tasks).toEqual([]);
    await run({ retry: 2 });
    expect(telegram.calls).toHaveLength(1);
  });

  test.each([
    ['with success', 0, { status: 'DONE', attempts: 1, retries: 2 }],
    ['with a failure', 1, { status: 'PROCESSING', attempts: 1, retries: 2 }],
  ])(
    'a task that says that its request was queued anew, which is given up still, brings it on: %s',
    async (_how, failures, expected) => {
      await change({ status: 'FAILED', attempts: 4, retries: 1, failedAt: '2026-01-01T00:00:00.000Z' });
      if (failures > 0) telegram.failures.push(new TelegramCallError('no answer'));
      await run({ retry: 2 });
      expect(await request()).toMatchObject(expected);
      expect(await request()).not.toHaveProperty('failedAt');
      // What comes of an earlier time finds that it is superseded; the task itself, again, makes no second call.
      await run({ retry: 1 });
      await run({ retry: 2 });
      expect(telegram.calls).toHaveLength(1);
    },
  );

  test('follow-ups of a request that was queued anew have names of their own', async () => {
    telegram.failures.push(new TelegramCallError('no answer'));
    await run();
    await change({ retries: 1, attempts: 0 });
    telegram.failures.push(new TelegramCallError('no answer'));
    await run({ retry: 1 });
    expect(taskQueue.tasks.map(({ name }) => name)).toEqual([`${REQUEST_ID}-2-0`, `${REQUEST_ID}-r1-2-0`]);
  });

  describe('a link in the place of another', () => {
    const replaces = { inviteLink: 'https://t.me/+old', createdAt: '2025-12-31T00:00:00.000Z' };

    beforeEach(() => change({ status: 'PROCESSING', retries: 1, generation: 2, replaces }));

    test('the old one is revoked first, and the new one gets a turn of its own', async () => {
      await run({ retry: 1 });
      expect(telegram.revoked).toEqual(['https://t.me/+old']);
      expect(telegram.calls).toEqual([]);
      expect(await request()).toMatchObject({
        status: 'PROCESSING',
        earlierLinks: [{ ...replaces, revokedAt: '2026-01-01T00:00:00.000Z' }],
      });
      expect(await request()).not.toHaveProperty('replaces');
      expect(queued()).toEqual([[1, 1, 0]]);
      await run({ retry: 1, deferrals: 1 });
      expect(telegram.revoked).toHaveLength(1);
      expect(await request()).toMatchObject({ status: 'DONE', generation: 2, inviteLink: 'https://t.me/+link1' });
      expect(eventBus.eventsOn(linkCreatedEvents)).toMatchObject([
        { id: `${REQUEST_ID}.link-created.2`, data: { inviteLink: 'https://t.me/+link1' } },
      ]);
    });

    test('the old one is revoked by the bot that made it, in its chat; of the new one it is known who made it', async () => {
      const asked: unknown[] = [];
      const found = deps.callsOfMaker;
      deps = { ...deps, callsOfMaker: (...of) => (asked.push(of), found(...of)) };
      await change({ replaces: { ...replaces, botId: '9' }, telegramChatId: '-1009' });
      await run({ retry: 1 });
      await run({ retry: 1, deferrals: 1 });
      expect(asked).toMatchObject([[{ communityId: 'default' }, { botId: '9', telegramChatId: '-1009' }]]);
      expect(await request()).toMatchObject({ earlierLinks: [{ botId: '9' }], botId: '7' });
      expect(eventBus.eventsOn(linkCreatedEvents)).toMatchObject([{ data: { botId: '7' } }]);
      expect((await backend.store.get(inviteLinks, inviteLinkId('https://t.me/+link1')))?.data.botId).toBe('7');
    });

    test('a task that is delivered again after the old one was revoked goes on with the new one', async () => {
      await run({ retry: 1 });
      await run({ retry: 1 });
      expect(telegram.revoked).toHaveLength(1);
      expect(await request()).toMatchObject({ status: 'DONE', inviteLink: 'https://t.me/+link1' });
    });

    test('a revocation that fails counts as an attempt; a 429 does not', async () => {
      telegram.failures.push(new TelegramCallError('no answer'), tooManyRequests(7));
      await run({ retry: 1 });
      expect(await request()).toMatchObject({
        status: 'PROCESSING',
        attempts: 1,
        replaces,
        lastError: { code: 'telegram_unreachable' },
      });
      await run({ retry: 1, attemptNumber: 2 });
      expect(await request()).toMatchObject({ attempts: 1, replaces });
      expect(queued()).toEqual([
        [2, 0, 5],
        [2, 1, 7],
      ]);
    });

    test('a link that was still being made when another one was asked for reaches nobody', async () => {
      await change({ status: 'QUEUED', retries: undefined, generation: undefined, replaces: undefined });
      telegram.beforeAnswer = () => change({ status: 'PROCESSING', retries: 1, generation: 2, replaces });
      await expect(run()).rejects.toThrow();
      expect(await request()).toMatchObject({ status: 'PROCESSING', replaces });
      expect(eventBus.published).toEqual([]);
    });
  });

  /** As an operator's action would. */
  async function change(part: Partial<InviteRequestDocument>): Promise<void> {
    const read = await requests.get(REQUEST_ID);
    if (read === undefined) throw new Error('There is no request');
    await requests.update(read, { ...read.data, ...part });
  }
});
