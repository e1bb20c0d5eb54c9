import { intakeService } from '@paid-community/intake-service/service.ts';
import { FAILED_REQUEST, purchase, REQUEST } from '@paid-community/intake-service/operator/testing/open-operator.ts';
import { storeMember } from '@paid-community/intake-service/operator/testing/memberships-api.ts';
import { AnsweringTaskQueue } from '@paid-community/intake-service/operator/testing/answering-task-queue.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { operatorQueue } from '@paid-community/shared/model/queues.ts';
import { recordDeadLetter } from '@paid-community/intake-service/dead-letters/record-dead-letter.ts';
import { joinTracker } from '@paid-community/join-tracker/service.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import { namedLinks } from '@paid-community/shared/model/links/named-link.ts';
import { chatCandidateId, chatCandidates } from '@paid-community/shared/model/communities/chat-candidate.ts';
import { environmentCommunity } from '@paid-community/shared/model/communities/default-community.ts';
import { membershipIdOf } from '@paid-community/shared/model/memberships/membership.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { requestIdOf } from '@paid-community/shared/model/purchases/request-id.ts';
import { toDeadLetter } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import { healthRoutes } from '@paid-community/shared/platform/http/health.ts';
import { metricsRoutes } from '@paid-community/shared/platform/http/metrics-route.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { openHttpEdge } from '@paid-community/shared/platform/testing/http-edge.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { derivedSecret } from '@paid-community/shared/telegram/webhook.ts';
import { answersToCalls } from './answers-to-calls.ts';

const FIRST_BOT = '111111111';
/** A further bot. */
export const BOT = '222222222';

export const KEYS = {
  intakeKey: 'intake',
  operatorKey: 'operator',
  webhookSecret: 'secret',
  botWebhookSecret: derivedSecret('secret', BOT),
  metricsKey: 'metrics',
};

export const PURCHASE = { userId: '12345', transactionId: 'txn_abc' };
/** Of the purchase; it has its link, and somebody has joined through it. */
export const BOUGHT = requestIdOf({ ...PURCHASE, idempotencyKey: undefined });
/** Of another purchase, which was given up. */
export const GIVEN_UP = FAILED_REQUEST.requestId;

/** A link that an operator made by hand, and revoked. */
export const REVOKED_LINK = 'https://t.me/+partyOver';

const MEMBER = { userId: PURCHASE.userId, endsAt: '2026-02-01T00:00:00.000Z', telegramUserId: '7' };
/** Of somebody who is in `default` until a day. */
export const MEMBERSHIP = membershipIdOf('default', MEMBER);

const RETENTION_DAYS = 400;

export interface ExampleWorld {
  readonly url: string;
  readonly clock: ManualClock;
  readonly close: () => Promise<void>;
}

const BOT_OF_CHAT = { username: 'paid_community_bot', status: 'administrator', mayInvite: true, mayRestrict: true };

/** Questions to Telegram are answered in the place of link-worker, which is not here. */
function answeringFor({ store, taskQueue }: Backend): TaskQueue {
  const answering = new AnsweringTaskQueue(store, {
    bots: [{ botId: FIRST_BOT, username: BOT_OF_CHAT.username }],
    answers: answersToCalls(FIRST_BOT, BOT_OF_CHAT.username),
    chats: {
      '-1002': {
        chatId: '-1002',
        title: 'Gold signals',
        kind: 'supergroup',
        memberCount: 12,
        bots: [{ botId: FIRST_BOT, ...BOT_OF_CHAT }],
      },
      '-450': { chatId: '-450', title: 'Friends', kind: 'group', bots: [{ botId: FIRST_BOT, ...BOT_OF_CHAT }] },
    },
  });
  return {
    enqueue: (queue, task) =>
      queue.name === operatorQueue.name ? answering.enqueue(queue, task) : taskQueue.enqueue(queue, task),
  };
}

/** The routes of the one process, over a store in which something has happened, at a time that stands still. */
export async function openExampleWorld(): Promise<ExampleWorld> {
  const clock = new ManualClock();
  const { backend, close } = openTemporaryBackend(clock);
  const telemetry = { ...noTelemetry, prometheusPage: () => Promise.resolve('# no samples yet\n') };
  const deps = { ...backend, clock, log: silentLog, telemetry };
  const intake = intakeService({
    ...deps,
    taskQueue: answeringFor(backend),
    config: {
      INTAKE_API_KEYS: [KEYS.intakeKey],
      OPERATOR_API_KEYS: [`ada:${KEYS.operatorKey}`],
      RETENTION_DAYS,
    },
  });
  const tracker = joinTracker({
    ...deps,
    config: {
      BACKEND: 'embedded',
      TELEGRAM_UPDATES: 'webhook',
      TELEGRAM_WEBHOOK_SECRET: [KEYS.webhookSecret],
      TELEGRAM_CHAT_ID: '-1001',
      RETENTION_DAYS,
      REMOVAL_BREAKER_PERCENT: 5,
      REMOVAL_BREAKER_LEAST: 10,
      DISPUTE_SUSPENDS: 'false',
    },
  });
  await backend.store.commit([
    createDocument(inviteRequests, BOUGHT, { ...REQUEST, ...PURCHASE, requestId: BOUGHT }),
    createDocument(inviteRequests, GIVEN_UP, FAILED_REQUEST),
    createDocument(namedLinks, 'ask-1', {
      state: 'revoked',
      communityId: 'default',
      botId: FIRST_BOT,
      name: 'Launch party',
      memberLimit: 50,
      madeBy: 'ada',
      askedAt: '2025-12-31T12:00:00.000Z',
      inviteLink: REVOKED_LINK,
      inviteLinkHash: inviteLinkId(REVOKED_LINK),
      revokedAt: '2025-12-31T18:00:00.000Z',
      revokedBy: 'bob',
    }),
    createDocument(chatCandidates, chatCandidateId({ chatId: '-1007', botId: BOT }), {
      chatId: '-1007',
      botId: BOT,
      title: 'Signals',
      kind: 'channel',
      seenAt: '2025-12-31T11:00:00.000Z',
      expiresAt: '2026-01-01T11:00:00.000Z',
    }),
    createDocument(joins, BOUGHT, {
      requestId: BOUGHT,
      telegramUserId: '7',
      joinedAt: '2025-12-31T11:00:00.000Z',
      inviteLinkHash: 'a'.repeat(64),
    }),
  ]);
  await storeMember(MEMBER, environmentCommunity({ chatId: '', botId: '' }), backend.store, clock.now());
  await recordDeadLetter(
    {
      ...toDeadLetter(purchase('order-1'), {
        source: 'link-worker-purchase-events',
        attempts: 1,
        code: 'invalid_event',
        reason: 'Not a PurchaseReceived event: /userId is required',
      }),
      messageId: 'm1',
      publishTime: new Date(clock.now()),
      deliveryAttempt: 1,
    },
    backend.store,
    RETENTION_DAYS,
  );
  const edge = await openHttpEdge([
    ...intake.routes,
    ...tracker.routes,
    ...healthRoutes(backend, clock),
    ...metricsRoutes(telemetry, [KEYS.metricsKey], clock),
  ]);
  return {
    url: edge.url,
    clock,
    close: async () => {
      await edge.close();
      await close();
    },
  };
}
