import { oneAtATime } from '@paid-community/shared/delivery/one-at-a-time.ts';
import { PurchaseReceived } from '@paid-community/shared/events/purchase-received.ts';
import type { Logger } from '@paid-community/shared/log/logger.ts';
import type { Clock } from '@paid-community/shared/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/ports/event-bus.ts';
import type { TaskQueue } from '@paid-community/shared/ports/task-queue.ts';
import type { Service } from '@paid-community/shared/service/service.ts';
import { parseCreateInviteLinkTask } from '@paid-community/shared/tasks/create-invite-link-task.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { inviteQueue, purchasesForLinkWorker } from '@paid-community/shared/topology.ts';
import { CallPacer } from './call-pacer.ts';
import type { LinkWorkerConfig } from './config.ts';
import { createInviteLink } from './create-invite-link.ts';
import { InviteRequests } from './invite-requests.ts';
import { requestLinkOnPurchaseReceived } from './request-link-on-purchase-received.ts';
import { createInviteLinkClient } from './telegram/client.ts';

export interface LinkWorkerDeps {
  readonly config: Omit<LinkWorkerConfig, 'TASKS_MAX_DISPATCHES_PER_SECOND' | 'TASKS_MAX_CONCURRENT_DISPATCHES'>;
  readonly eventBus: EventBus;
  readonly taskQueue: TaskQueue;
  readonly documentStore: DocumentStore;
  readonly botApi: BotApi;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Turns purchases into invite links, at the pace that Telegram allows. */
export function linkWorker({ config, documentStore, botApi, ...deps }: LinkWorkerDeps): Service {
  const requests = new InviteRequests(documentStore);
  const telegram = createInviteLinkClient(botApi, config.TELEGRAM_CHAT_ID);
  const botId = config.TELEGRAM_BOT_TOKEN.split(':', 1)[0] ?? '';
  const pacer = new CallPacer({ botId, spacingMs: config.SAFE_RPS_SLEEP_MS }, { store: documentStore, clock: deps.clock });
  // Two deliveries of one request at the same moment would make two links; the second sees what the first did.
  const inOrderOfRequest = oneAtATime();
  return {
    name: 'link-worker',
    routes: [],
    subscriptions: [
      {
        subscription: purchasesForLinkWorker,
        handle: async (message) => requestLinkOnPurchaseReceived(PurchaseReceived.parse(message), { requests, taskQueue: deps.taskQueue }),
      },
    ],
    tasks: [
      {
        queue: inviteQueue,
        handle: async (received) => {
          const task = parseCreateInviteLinkTask(received.payload);
          await inOrderOfRequest(task.requestId, () => createInviteLink(task, { ...deps, config, requests, telegram, pacer }));
        },
      },
    ],
  };
}
