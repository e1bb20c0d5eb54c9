import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chatMigrations } from '@paid-community/shared/model/communities/chat-migration.ts';
import { communities, type Community } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { CreateInviteLink } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { namedLinks, type MadeNamedLink } from '@paid-community/shared/model/links/named-link.ts';
import { given, madeAvailable, retired, retiredOutsidePool } from '@paid-community/shared/model/links/pool-life.ts';
import { poolLinks, type PoolLink } from '@paid-community/shared/model/links/pool-link.ts';
import { RevokePoolLink } from '@paid-community/shared/model/links/pool-tasks.ts';
import { telegramAnswers } from '@paid-community/shared/model/operations/telegram-answer.ts';
import { RevokeNamedLink } from '@paid-community/shared/model/operations/telegram-questions.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { handleTaskByType } from '@paid-community/shared/platform/delivery/task-handlers.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { Service } from '@paid-community/shared/platform/service/service.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';
import { linkWorker } from '../service.ts';

const LINK = 'https://t.me/+first';
const FIRST_CHAT = '-1001';
const AT = '2026-01-01T00:00:00.000Z';
const refusal = (description: string): TelegramApiError => new TelegramApiError({ errorCode: 400, description });

/** One bot, one link of it in a chat, and another chat in which the bot is as well. */
class OneLink {
  chatId = FIRST_CHAT;
  isRevoked = false;

  readonly api: BotApi = {
    call: (method, parameters = {}) => {
      if (method !== 'revokeChatInviteLink') return Promise.reject(refusal('Bad Request: not enough rights'));
      const { chat_id, invite_link } = parameters as { readonly chat_id: string; readonly invite_link: string };
      if (chat_id !== this.chatId || invite_link !== LINK)
        return Promise.reject(refusal('Bad Request: INVITE_HASH_EXPIRED'));
      if (this.isRevoked) return Promise.reject(refusal('Bad Request: INVITE_REVOKED_MISSING'));
      this.isRevoked = true;
      return Promise.resolve({ is_revoked: true });
    },
    close: () => undefined,
  };
}

const made = { communityId: 'gold', inviteLink: LINK, botId: '7', madeAt: AT };
const available = madeAvailable({
  ...made,
  shard: 0,
  sequence: 1,
  telegramChatId: FIRST_CHAT,
  telegramExpiresAt: undefined,
});
const request = {
  requestId: 'r1',
  userId: 'u',
  transactionId: '',
  communityId: 'gold',
  attempts: 0,
  createdAt: AT,
  updatedAt: AT,
  traceparent: 't',
  telegramChatId: FIRST_CHAT,
};
const ofPurchase = { ...request, status: 'QUEUED', generation: 1, retries: 0, failures: [], earlierLinks: [] } as const;
const nowMs = Date.parse(AT);
const byHand: MadeNamedLink = {
  state: 'made',
  communityId: 'gold',
  botId: '7',
  name: 'Launch',
  madeBy: 'ada',
  askedAt: AT,
  inviteLink: LINK,
  inviteLinkHash: inviteLinkId(LINK),
  telegramChatId: FIRST_CHAT,
};

describe('a link whose community is elsewhere by now', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let clock: ManualClock;
  let telegram: OneLink;
  let service: Service;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    telegram = new OneLink();
    service = linkWorker({
      config: {
        TELEGRAM_BOT_TOKEN: '7:token-of-the-bot',
        TELEGRAM_BOT_TOKENS: [],
        TELEGRAM_API_ROOT: '',
        TELEGRAM_CHAT_ID: '-1009',
        RETENTION_DAYS: 400,
        LINK_TTL_HOURS: 0,
        LINK_POOL_MAX_AGE_HOURS: 720,
        MAX_ATTEMPTS: 50,
        BASE_BACKOFF_SEC: 5,
        SAFE_RPS_SLEEP_MS: 0,
        LINK_RATE: 'fixed',
        TASKS_MAX_CONCURRENT_DISPATCHES: 1,
        LINK_RATE_FLOOR_PER_SECOND: 0.02,
        LINK_RATE_CEILING_PER_SECOND: 30,
      },
      store: backend.store,
      eventBus: new RecordingEventBus(),
      taskQueue: new RecordingTaskQueue(),
      botApis: new Map([['7', telegram.api]]),
      updates: () => ({ by: 'polling' }),
      callsTelegramAtStart: false,
      clock,
      log: silentLog,
      telemetry: noTelemetry,
    });
  });

  afterEach(() => close());

  async function work({ name, payload }: OutgoingTask): Promise<void> {
    const content = JSON.parse(payload) as { readonly type?: string };
    const { type = CreateInviteLink.type } = content;
    const binding = service.tasks.find(({ handlers }) => handlers.some((handler) => handler.type === type));
    if (binding === undefined) throw new Error('Nothing takes the task');
    await handleTaskByType(binding)(content, { name, payload, attemptNumber: 1 });
  }

  async function revokeOfPool(link: PoolLink): Promise<PoolLink | undefined> {
    await backend.store.commit([createDocument(poolLinks, 'p1', link)]);
    const revokeAt = link.state === 'AVAILABLE' ? '' : (link.revokeAt ?? '');
    clock.advance(Date.parse(revokeAt) - clock.now());
    await work(RevokePoolLink.toQueueTask({ poolLinkId: 'p1', revokeAt, deferrals: 0, traceparent: 't' }));
    return (await backend.store.get(poolLinks, 'p1'))?.data;
  }

  async function revokeByHand(link: MadeNamedLink): Promise<unknown> {
    await backend.store.commit([createDocument(namedLinks, 'n1', link)]);
    const question = { askId: 'ask', traceparent: 't', linkId: 'n1', revokedBy: 'bob' };
    await work(RevokeNamedLink.toQueueTask(question));
    return (await backend.store.get(telegramAnswers, 'ask'))?.data;
  }

  const taken = (): PoolLink => given(available, 'p1', ofPurchase, { linkTtlMs: 3_600_000, nowMs }).link;

  const kinds: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['of the pool that nobody has', () => revokeOfPool(retired(available, 'surplus', nowMs))],
    ['of the pool at the end of its buyer’s time', () => revokeOfPool(taken())],
    [
      'of a purchase that was erased',
      () =>
        revokeOfPool(
          retiredOutsidePool(
            { ...made, telegramChatId: FIRST_CHAT },
            { because: 'erased', expiresAt: '2027-01-01T00:00:00.000Z', nowMs },
          ),
        ),
    ],
    ['made by hand', () => revokeByHand(byHand)],
    [
      'that is replaced',
      async () => {
        const replaces = { inviteLink: LINK, botId: '7', createdAt: AT };
        const replacing = { ...request, status: 'PROCESSING', retries: 1, generation: 2, replaces } as const;
        await backend.store.commit([createDocument(inviteRequests, 'r1', replacing)]);
        await work(
          CreateInviteLink.toQueueTask({
            requestId: 'r1',
            attemptNumber: 1,
            deferrals: 0,
            retry: 1,
            traceparent: 't',
          }),
        );
      },
    ],
  ];
  const gold = someCommunity({ chatId: '-1002', botIds: ['7'] });
  const elsewhere: readonly (readonly [string, Community])[] = [
    ['has another chat', gold],
    ['waits for a chat', { ...gold, state: 'waiting' }],
    ['has lost another chat', { ...gold, state: 'disconnected', disconnectedAt: AT }],
  ];

  describe.each(elsewhere)('%s', (_where, community) => {
    beforeEach(() => backend.store.commit([createDocument(communities, 'gold', community)]));

    test.each(kinds)('%s is revoked in its own chat', async (_kind, revoke) => {
      await revoke();
      expect(telegram.isRevoked).toBe(true);
    });
  });

  test.each(kinds)('%s is revoked where its chat has gone as a supergroup', async (_kind, revoke) => {
    telegram.chatId = '-100500';
    await backend.store.commit([
      createDocument(communities, 'gold', gold),
      createDocument(chatMigrations, FIRST_CHAT, { chatId: '-100500', migratedAt: AT }),
    ]);
    await revoke();
    expect(telegram.isRevoked).toBe(true);
  });

  describe('and of which it is not recorded where it was made', () => {
    beforeEach(() => backend.store.commit([createDocument(communities, 'gold', gold)]));

    test('is not taken for revoked because another chat does not know it', async () => {
      const link = await revokeOfPool({ ...retired(available, 'surplus', nowMs), telegramChatId: undefined });
      expect(link).toMatchObject({ state: 'RETIRING', inviteLink: LINK });
      const answer = await revokeByHand({ ...byHand, telegramChatId: undefined });
      expect(answer).toMatchObject({ kind: 'refused', code: 'link_of_unknown_chat' });
      expect((await backend.store.get(namedLinks, 'n1'))?.data.state).toBe('made');
      expect(telegram.isRevoked).toBe(false);
    });

    test('is done with where Telegram says that it was revoked before', async () => {
      telegram.chatId = gold.chatId;
      telegram.isRevoked = true;
      expect(
        await revokeOfPool({ ...retired(available, 'surplus', nowMs), telegramChatId: undefined }),
      ).toBeUndefined();
    });
  });
});
