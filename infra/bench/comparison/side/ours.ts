import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { openEmbeddedBackend } from '@paid-community/shared/platform/backends/embedded/open-embedded-backend.ts';
import type { Backend, Consumers } from '@paid-community/shared/platform/backends/backend.ts';
import { inviteLinks, type InviteLink } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { readSettings } from '@paid-community/shared/platform/config/settings.ts';
import { linkWorkerSettings } from '@paid-community/link-worker/config.ts';
import { linkWorker } from '@paid-community/link-worker/service.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger, type Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { deliverMessages, deliverTasks } from '@paid-community/shared/platform/service/deliver.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { createBotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { CreateInviteLink } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { purchasesForLinkWorker, topology } from '@paid-community/shared/topology.ts';
import type { JobSide, Purchase, SideEvents, SideSettings } from './job-side.ts';
import { serveSide } from './serve-side.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
/** Every rate that could stand in the way is far above what a machine can do. */
const UNLIMITED_PER_SECOND = 1_000_000;
const CHAT_ID = '-1001000000001';

// The embedded backend with link-worker on it, as `npm start` puts them together, without the HTTP server in front.
serveSide((settings, events) =>
  Promise.resolve(
    settings.handler === 'links' ? new LinkWorkerSide(settings, events) : new QueueSide(settings, events),
  ),
);

function openBackend({ store, concurrency }: SideSettings, log: Logger): Backend {
  const queue = { ...inviteQueue, maxDispatchesPerSecond: UNLIMITED_PER_SECOND, maxConcurrentDispatches: concurrency };
  return openEmbeddedBackend({ dataDir: store, topology: { ...topology, queues: [queue] }, clock: systemClock, log });
}

function describe(): Promise<string> {
  return Promise.resolve(
    `embedded backend, SQLite ${process.versions['sqlite'] ?? ''} (WAL, synchronous=NORMAL, an fdatasync before each acknowledgement)`,
  );
}

class LinkWorkerSide implements JobSide {
  readonly #backend: Backend;
  readonly #consumers: Consumers;
  readonly describe = describe;

  constructor(settings: SideSettings, events: SideEvents) {
    const log = createLogger({ level: 'error', secrets: [] });
    const backend = openBackend(settings, log);
    const botToken = '1000000001:TOKEN-OF-THE-BENCH';
    const config = readSettings(
      {
        TELEGRAM_BOT_TOKEN: botToken,
        TELEGRAM_API_ROOT: settings.telegramRoot,
        TELEGRAM_CHAT_ID: CHAT_ID,
        SAFE_RPS_SLEEP_MS: '0',
      },
      linkWorkerSettings,
    );
    const deps = { eventBus: backend.eventBus, clock: systemClock, log, telemetry: noTelemetry };
    const service = linkWorker({
      ...deps,
      taskQueue: backend.taskQueue,
      store: tellingOfLinks(backend.store, events),
      config,
      updates: () => ({ by: 'polling' }),
      callsTelegramAtStart: false,
      botApis: new Map([
        ['1000000001', createBotApi({ apiRoot: settings.telegramRoot, token: botToken }, noTelemetry)],
      ]),
    });
    this.#backend = backend;
    this.#consumers = {
      subscriptions: service.subscriptions.map((binding) => {
        const consumer = deliverMessages(binding, deps);
        return { ...consumer, handle: async (message) => consumer.handle(message).finally(() => events.handled()) };
      }),
      tasks: service.tasks.map((binding) => deliverTasks(binding, deps)),
    };
  }

  /** What intake does once it has checked a purchase: this one publish is the acceptance. */
  async accept({ requestId, userId, transactionId }: Purchase): Promise<void> {
    const time = new Date(systemClock.now()).toISOString();
    const event = PurchaseReceived.create({
      time,
      traceparent: TRACEPARENT,
      data: { requestId, userId, transactionId, communityId: 'default' },
    });
    await PurchaseReceived.publish(this.#backend.eventBus, event);
  }

  async acceptMany(purchases: readonly Purchase[]): Promise<void> {
    await Promise.all(purchases.map((purchase) => this.accept(purchase)));
  }

  async replay(): Promise<void> {
    await this.#backend.eventBus.seek(purchasesForLinkWorker, new Date(0));
  }

  work(): Promise<void> {
    this.#backend.deliverTo(this.#consumers);
    return Promise.resolve();
  }

  async withoutLink(requestIds: readonly string[]): Promise<number> {
    const read = await Promise.all(requestIds.map((requestId) => this.#backend.store.get(inviteRequests, requestId)));
    return read.filter((request) => request?.data.status !== 'DONE' || request.data.inviteLink === undefined).length;
  }

  close(): Promise<void> {
    return this.#backend.close();
  }
}

/** Only the queue in front of Telegram. */
class QueueSide implements JobSide {
  readonly #backend: Backend;
  readonly #events: SideEvents;
  readonly describe = describe;

  constructor(settings: SideSettings, events: SideEvents) {
    this.#backend = openBackend(settings, createLogger({ level: 'error', secrets: [] }));
    this.#events = events;
  }

  async accept({ requestId }: Purchase): Promise<void> {
    await this.#backend.taskQueue.enqueue(
      inviteQueue,
      CreateInviteLink.toQueueTask({ requestId, attemptNumber: 1, deferrals: 0, traceparent: TRACEPARENT }),
    );
  }

  async acceptMany(purchases: readonly Purchase[]): Promise<void> {
    await Promise.all(purchases.map((purchase) => this.accept(purchase)));
  }

  replay(): Promise<void> {
    return Promise.reject(new Error('a queue has no replay'));
  }

  work(): Promise<void> {
    const handle = (): Promise<void> => {
      this.#events.handled();
      return Promise.resolve();
    };
    this.#backend.deliverTo({ subscriptions: [], tasks: [{ queue: inviteQueue, handle }] });
    return Promise.resolve();
  }

  withoutLink(): Promise<number> {
    return Promise.reject(new Error('a queue has no links'));
  }

  close(): Promise<void> {
    return this.#backend.close();
  }
}

function tellingOfLinks(store: DocumentStore, events: SideEvents): DocumentStore {
  return {
    get: (collection, id) => store.get(collection, id),
    query: (query) => store.query(query),
    count: (query) => store.count(query),
    commit: async (writes) => {
      await store.commit(writes);
      for (const write of writes) {
        if (write.collection === inviteLinks.name && write.kind === 'create')
          events.recorded((write.data as InviteLink).requestId);
      }
    },
  };
}
