import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { unmatchedJoins, type UnmatchedJoin } from '@paid-community/shared/model/memberships/join.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { HttpResponse } from '@paid-community/shared/platform/http/route.ts';
import { createDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { membershipWork } from '../memberships/membership-work.ts';
import type { JoinOutcome } from '../joins/track-join.ts';
import { receiveBotWebhook, receiveWebhook } from '../updates/receive-webhook.ts';
import { SeenUpdates } from '../updates/seen-updates.ts';
import { updateHandling } from '../updates/update-handling.ts';
import type { HandleUpdateDeps } from '../updates/handle-update.ts';

export const OWN_CHAT = -1001;
export const PURCHASE = { requestId: '01234567-89ab-8def-8123-456789abcdef', userId: 'user-1', transactionId: 'txn-1' };
export const LINK = 'https://t.me/+ours';
export const LINK_NAME = PURCHASE.requestId.replaceAll('-', '');
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
export const MEMBERSHIP_CONFIG = {
  RETENTION_DAYS: 400,
  REMOVAL_BREAKER_PERCENT: 5,
  REMOVAL_BREAKER_LEAST: 10,
  DISPUTE_SUSPENDS: 'false',
} as const;
const AT = '2026-01-01T00:00:00.000Z';

/**
 * A store that knows one purchase with its link, and what handles updates over it; what it publishes is kept, not
 * delivered.
 */
export interface Tracker {
  readonly backend: Backend;
  readonly clock: ManualClock;
  readonly eventBus: RecordingEventBus;
  readonly taskQueue: RecordingTaskQueue;
  readonly outcomes: JoinOutcome['outcome'][];
  /** As another process would have it: nothing but the store is shared. `chat` is its TELEGRAM_CHAT_ID. */
  handling(options?: {
    readonly chat?: string | undefined;
    readonly store?: DocumentStore;
    readonly log?: Logger;
  }): HandleUpdateDeps;
  /** By the default bot, unless another one is named. */
  receive(update: unknown, deps?: HandleUpdateDeps, botId?: string): Promise<HttpResponse>;
  /** Joins without a purchase, of the Telegram user. */
  unmatchedOf(telegramUserId: number): Promise<readonly UnmatchedJoin[]>;
  close(): Promise<void>;
}

export async function openTracker(): Promise<Tracker> {
  const clock = new ManualClock();
  const { backend, close } = openTemporaryBackend(clock);
  const eventBus = new RecordingEventBus();
  const taskQueue = new RecordingTaskQueue();
  const outcomes: JoinOutcome['outcome'][] = [];
  await backend.store.commit([
    createDocument(inviteLinks, inviteLinkId(LINK), { ...PURCHASE, inviteLink: LINK, createdAt: AT }),
    createDocument(inviteRequests, PURCHASE.requestId, {
      ...PURCHASE,
      communityId: 'default',
      status: 'DONE',
      attempts: 1,
      createdAt: AT,
      updatedAt: AT,
      inviteLink: LINK,
      linkCreatedAt: AT,
      traceparent: TRACEPARENT,
    }),
  ]);
  const handling: Tracker['handling'] = ({ store = backend.store, log = silentLog, ...options } = {}) => {
    const chat = 'chat' in options ? options.chat : String(OWN_CHAT);
    const config = { RETENTION_DAYS: 400, TELEGRAM_CHAT_ID: chat };
    const ports = { store, eventBus, clock, log };
    const deps = updateHandling({
      ...ports,
      config,
      seen: new SeenUpdates(clock),
      memberships: membershipWork(MEMBERSHIP_CONFIG, { ...ports, taskQueue }),
      telemetry: noTelemetry,
    });
    return { ...deps, measureJoin: ({ outcome }) => outcomes.push(outcome) };
  };
  const usual = handling();
  return {
    backend,
    clock,
    eventBus,
    taskQueue,
    outcomes,
    handling,
    receive: (update, deps = usual, botId) =>
      (botId === undefined ? receiveWebhook : receiveBotWebhook).answerTo(
        {
          headers: {},
          params: botId === undefined ? {} : { botId },
          query: {},
          body: update,
          caller: 'anybody',
          traceparent: TRACEPARENT,
        },
        deps,
      ),
    unmatchedOf: async (telegramUserId) => {
      const where = { telegramUserId: String(telegramUserId) };
      return (
        await backend.store.query({
          collection: unmatchedJoins,
          where,
          orderBy: { field: 'joinedAt', direction: 'ascending' },
          limit: 100,
        })
      ).documents.map(({ data }) => data);
    },
    close,
  };
}

export interface JoinFields {
  readonly updateId?: number;
  readonly userId?: number;
  readonly chat?: { readonly id: number; readonly username?: string };
  readonly date?: number;
  readonly link?: { readonly invite_link: string; readonly name?: string } | undefined;
}

/** Somebody joins, through our link unless said otherwise. */
export function joinUpdate({
  updateId = 1,
  userId = 77,
  chat = { id: OWN_CHAT },
  date = 1_767_261_600,
  ...rest
}: JoinFields = {}): { readonly update_id: number } & Record<string, unknown> {
  const user = { id: userId, is_bot: false, first_name: 'Ada', username: 'ada_secret' };
  const link = 'link' in rest ? rest.link : { invite_link: LINK };
  const change = {
    chat: { type: 'supergroup', ...chat },
    from: user,
    date,
    old_chat_member: { status: 'left', user },
    new_chat_member: { status: 'member', user },
  };
  return { update_id: updateId, chat_member: { ...change, ...(link === undefined ? {} : { invite_link: link }) } };
}
