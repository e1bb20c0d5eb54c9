import { eventEmitter } from '@paid-community/event-emitter/service.ts';
import { createWebEngageClient } from '@paid-community/event-emitter/webengage/client.ts';
import { intakeService } from '@paid-community/intake-service/service.ts';
import { Joins } from '@paid-community/join-tracker/joins/joins.ts';
import { joinTracker } from '@paid-community/join-tracker/service.ts';
import { pollUpdates } from '@paid-community/join-tracker/updates/telegram/poll-updates.ts';
import { SeenUpdates } from '@paid-community/join-tracker/updates/seen-updates.ts';
import { UntoldJoins } from '@paid-community/join-tracker/joins/untold-joins.ts';
import { updateHandling } from '@paid-community/join-tracker/updates/update-handling.ts';
import type { UpdatesSetting } from '@paid-community/link-worker/health/webhook-findings.ts';
import { linkWorker } from '@paid-community/link-worker/service.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import type { StoreContents } from '@paid-community/shared/platform/backends/store-contents.ts';
import { openBackend } from '@paid-community/shared/platform/backends/open-backend.ts';
import type { Side } from '@paid-community/shared/model/operations/store-owner.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { startServices } from '@paid-community/shared/platform/service/start-services.ts';
import { judgeStore, recordOwners, type Judged } from '@paid-community/shared/store-owner/claim-store.ts';
import type { ServedOwner } from '@paid-community/shared/store-owner/examine-owner.ts';
import { createBotApi, type BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { registerWebhook } from '@paid-community/shared/telegram/register-webhook.ts';
import { instrumentBackend } from '@paid-community/shared/platform/backends/instrument-backend.ts';
import { observeBacklogs } from '@paid-community/shared/platform/telemetry/observe-backlogs.ts';
import { startTelemetry } from '@paid-community/shared/platform/telemetry/start-telemetry.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import {
  createdLinksForEventEmitter,
  joinedMembersForEventEmitter,
  topology,
} from '@paid-community/shared/topology.ts';
import type { Simulators } from '../simulators/simulators.ts';
import { startNeededSimulators } from './needed-simulators.ts';
import type { LocalConfig } from './settings.ts';
import { watchHealth } from './watch-health.ts';

export interface LocalSystem {
  readonly url: string;
  /** Undefined when both sides are real. */
  readonly simulators: Simulators | undefined;
  /** What a person should hear about whose store it is; a sentence each. */
  readonly says: readonly string[];
  stop(): Promise<void>;
}

export interface StartLocalOptions {
  /** Goes around the backend before anybody uses it: tests put crashes and repeated deliveries there. */
  readonly decorateBackend?: (backend: Backend) => Backend;
  /** The machine's, unless a test wants to set it. */
  readonly clock?: Clock;
}

/**
 * All four services in this process, on one port and one SQLite file, with a simulator for each side that has no
 * credentials.
 * @throws an error with a readable message when the data folder, a port or the database is not usable; nothing is left
 * open.
 */
export async function startLocal(
  config: LocalConfig,
  log: Logger,
  options: StartLocalOptions = {},
): Promise<LocalSystem> {
  const clock = options.clock ?? systemClock;
  // The store first: when it is somebody else's, nothing else is begun.
  const { opened, says } = await openOwnStore(config, clock, log);
  const closing: (() => Promise<void>)[] = [() => opened.close()];
  try {
    const simulators = await startNeededSimulators(config);
    if (simulators !== undefined) closing.push(() => simulators.close());
    const values = {
      ...config.values,
      ...(config.simulated.telegram && simulators !== undefined ? { TELEGRAM_API_ROOT: simulators.telegram.url } : {}),
      ...(config.simulated.webEngage && simulators !== undefined
        ? { WEBENGAGE_API_ROOT: simulators.webengage.url }
        : {}),
    };
    const telemetry = await startTelemetry({ config: values, service: 'paid-community', backend: values.BACKEND, log });
    closing.push(() => telemetry.stop());
    const botApi = createBotApi(
      { apiRoot: values.TELEGRAM_API_ROOT, token: values.TELEGRAM_BOT_TOKEN, secrets: values.TELEGRAM_WEBHOOK_SECRET },
      telemetry,
      clock,
    );
    const webEngage = createWebEngageClient(values, telemetry, clock);
    const backend = instrumentBackend(options.decorateBackend?.(opened) ?? opened, telemetry);
    const { eventBus, taskQueue, store, administration } = backend;
    const ports = { eventBus, taskQueue, store, administration, clock, log, telemetry };
    observeBacklogs(topology, { ...ports, toLedger: [createdLinksForEventEmitter, joinedMembersForEventEmitter] });
    const seen = new SeenUpdates(clock);
    // Past what counts the calls of the ports: a start on Google Cloud, where each read is billed, leaves this out.
    const untold = new UntoldJoins({
      joins: new Joins(opened.store, values.RETENTION_DAYS, clock),
      ...{ store: opened.store, eventBus, clock, log },
      waitingEvents: async () => (await administration.bus.backlog(joinedMembersForEventEmitter))?.undelivered,
    });
    let url = '';
    const running = await startServices({
      services: [
        intakeService({ ...ports, config: values, checkReady: () => opened.checkReady(), dataDir: values.DATA_DIR }),
        linkWorker({
          ...ports,
          config: values,
          botApi,
          ...ownerOf(config, 'telegram'),
          updates: () => updatesSetting(config, url),
        }),
        joinTracker({ ...ports, config: values, seen, untold }),
        eventEmitter({ ...ports, config: values, webEngage, ...ownerOf(config, 'webengage') }),
      ],
      backend,
      host: values.HOST,
      port: values.PORT,
      keepAliveMs: values.HTTP_KEEP_ALIVE_SECONDS * 1_000,
      clock,
      log,
      telemetry,
      metricsKeys: values.METRICS_API_KEYS,
    });
    url = `http://${values.HOST.includes(':') ? `[${values.HOST}]` : values.HOST}:${running.port}`;
    const watching = new AbortController();
    const watch = watchHealth(values.HEALTH_CHECK_MINUTES * 60_000, ports, watching.signal);
    const looked = untold.look();
    const updates = takeUpdates({ config, url, botApi, backend, seen, clock, log, telemetry });
    return {
      url,
      simulators,
      says,
      stop: async () => {
        watching.abort();
        await Promise.all([watch, updates.stop(), looked]);
        await running.stop();
        botApi.close();
        webEngage.close();
        await simulators?.close();
      },
    };
  } catch (error) {
    for (const close of closing) await close();
    throw error;
  }
}

/** @throws StoreStartError; ConfigError when the store is that of another bot, community or account. */
async function openOwnStore(
  { values, owners }: LocalConfig,
  clock: Clock,
  log: Logger,
): Promise<{ readonly opened: Backend; readonly says: readonly string[] }> {
  let judged: Judged = { taken: [], says: [] };
  const inspect = (contents: StoreContents): void => void (judged = judgeStore(owners, contents));
  const opened = await openBackend({
    backend: values.BACKEND,
    dataDir: values.DATA_DIR,
    topology: withQueueRates(values),
    clock,
    log,
    inspect,
  });
  try {
    await recordOwners(judged.taken, opened.store);
  } catch (error) {
    await opened.close();
    throw error;
  }
  return { opened, says: judged.says };
}

function ownerOf({ owners }: LocalConfig, side: Side): { readonly owner?: ServedOwner } {
  const claim = owners.claims.find((candidate) => candidate.side === side);
  return claim === undefined ? {} : { owner: { claim, leaving: owners.leaving } };
}

function withQueueRates(values: LocalConfig['values']): typeof topology {
  const rates = {
    maxDispatchesPerSecond: values.TASKS_MAX_DISPATCHES_PER_SECOND,
    maxConcurrentDispatches: values.TASKS_MAX_CONCURRENT_DISPATCHES,
  };
  return {
    ...topology,
    queues: topology.queues.map((queue) => (queue.name === inviteQueue.name ? { ...queue, ...rates } : queue)),
  };
}

function updatesSetting({ values, simulated }: LocalConfig, url: string): UpdatesSetting {
  if (values.TELEGRAM_UPDATES === 'polling') return { by: 'polling' };
  return {
    by: 'webhook',
    baseUrl: simulated.telegram ? url : values.BASE_URL,
    secret: values.TELEGRAM_WEBHOOK_SECRET[0],
  };
}

interface UpdatesOptions {
  readonly config: LocalConfig;
  readonly url: string;
  readonly botApi: BotApi;
  readonly backend: Backend;
  readonly seen: SeenUpdates;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}

/** Sees to it that Telegram's updates arrive: by polling, or by a webhook that is registered in the background. */
function takeUpdates({ config, url, botApi, backend, seen, clock, log, telemetry }: UpdatesOptions): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  let work = Promise.resolve();
  const setting = updatesSetting(config, url);
  if (setting.by === 'polling') {
    const ports = { eventBus: backend.eventBus, store: backend.store, seen, clock, log, telemetry };
    work = pollUpdates({ ...ports, ...updateHandling({ ...ports, config: config.values }), botApi }, stopping.signal);
  } else {
    const { baseUrl, secret } = setting;
    if (baseUrl === undefined || secret === undefined) {
      log.warn(
        {},
        'joins will not arrive unless the webhook is registered elsewhere: set BASE_URL to the public https URL, or TELEGRAM_UPDATES=polling',
      );
    } else {
      work = registerWebhook({ baseUrl, secret }, { botApi, clock, log }, stopping.signal);
    }
  }
  return {
    stop: async () => {
      stopping.abort();
      await work;
    },
  };
}
