import { assembleEventEmitter } from '@paid-community/event-emitter/assemble.ts';
import { intakeService } from '@paid-community/intake-service/service.ts';
import { joinTracker } from '@paid-community/join-tracker/service.ts';
import { assembleLinkWorker } from '@paid-community/link-worker/assemble.ts';
import type { UpdatesSetting } from '@paid-community/link-worker/health/webhook-findings.ts';
import type { Side } from '@paid-community/shared/model/operations/store-owner.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { openBackend } from '@paid-community/shared/platform/backends/open-backend.ts';
import type { StoreContents } from '@paid-community/shared/platform/backends/store-contents.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Schedule } from '@paid-community/shared/platform/ports/topology-types.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { runSchedules } from '@paid-community/shared/platform/service/run-schedules.ts';
import { startProcess } from '@paid-community/shared/platform/service/start-process.ts';
import { observeBacklogs } from '@paid-community/shared/platform/telemetry/observe-backlogs.ts';
import { judgeStore, recordOwners, type Judged } from '@paid-community/shared/store-owner/claim-store.ts';
import { NO_BOUNDS, withQueueRates } from '@paid-community/shared/queue-rates.ts';
import { botTokensOf } from '@paid-community/shared/telegram/bot-tokens.ts';
import type { ServedOwner } from '@paid-community/shared/store-owner/examine-owner.ts';
import {
  createdLinksForEventEmitter,
  healthCheckSchedule,
  linkPoolSchedule,
  joinedMembersForEventEmitter,
  membershipSchedule,
  schedules,
  topology,
} from '@paid-community/shared/topology.ts';
import type { Simulators } from '../simulators/simulators.ts';
import { connectOpsApi } from '../../ops/ops-api.ts';
import { startNeededSimulators, withSimulators } from './needed-simulators.ts';
import { operatorKeyOf, type LocalConfig } from './settings.ts';
import { connectSimulated, STARTING_COMMUNITIES, type SimulatedCommunity } from './simulated-communities.ts';

export interface LocalSystem {
  readonly url: string;
  /** Undefined when both sides are real. */
  readonly simulators: Simulators | undefined;
  /** Besides `default`; none where Telegram is real. */
  readonly communities: readonly SimulatedCommunity[];
  /** What a person should hear about this start; a sentence each. */
  readonly says: readonly string[];
  stop(): Promise<void>;
}

export interface StartLocalOptions {
  /** Goes around the backend before anybody uses it: tests put crashes and repeated deliveries there. */
  readonly decorateBackend?: (backend: Backend) => Backend;
  /** The machine's, unless a test wants to set it. */
  readonly clock?: Clock;
  /** What there is besides `default` where Telegram is simulated; as at `npm start` when absent. */
  readonly communities?: readonly SimulatedCommunity[];
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
  // What was opened last is closed first, and the simulators last of all: the services call them until they end.
  await using opened = new AsyncDisposableStack();
  const simulation = opened.use(new AsyncDisposableStack());
  // The store first: when it is somebody else's, nothing else is begun.
  const { backend, says } = await openOwnStore(config, clock, log);
  opened.defer(() => backend.close());
  const communities = config.simulated.telegram ? (options.communities ?? STARTING_COMMUNITIES) : [];
  const simulators = await startNeededSimulators(config, communities, clock);
  simulation.defer(() => simulators?.close());
  const values = withSimulators(config, simulators);
  let url = '';
  const running = await startProcess({
    name: 'paid-community',
    config: values,
    backend: options.decorateBackend?.(backend) ?? backend,
    observe: (ports) =>
      observeBacklogs(topology, { ...ports, toLedger: [createdLinksForEventEmitter, joinedMembersForEventEmitter] }),
    services: [
      (ports) => ({
        ...intakeService({ ...ports, config: values, dataDir: values.DATA_DIR }),
        background: (signal) => runSchedules(schedulesOf(values), ports, signal),
      }),
      (ports) =>
        assembleLinkWorker(values, ports, {
          owner: ownerOf(config, 'telegram'),
          updates: () => updatesSetting(config, url),
          callsTelegramAtStart: true,
        }),
      (ports) =>
        joinTracker({
          ...ports,
          config: values,
          waitingEvents: async () =>
            (await ports.administration.bus.backlog(joinedMembersForEventEmitter))?.undelivered,
        }),
      (ports) => assembleEventEmitter(values, ports, ownerOf(config, 'webengage')),
    ],
    onListening: (port) => {
      url = `http://${values.HOST.includes(':') ? `[${values.HOST}]` : values.HOST}:${port}`;
    },
    clock,
    log,
  });
  opened.defer(() => running.stop());
  const problems = await connectSimulated(communities, connectOpsApi({ url, key: operatorKeyOf(values) }));
  const closing = opened.move();
  return { url, simulators, communities, says: [...says, ...problems], stop: () => closing.disposeAsync() };
}

/** @throws StoreStartError; ConfigError when the store is that of another bot, community or account. */
async function openOwnStore(
  { values, owners }: LocalConfig,
  clock: Clock,
  log: Logger,
): Promise<{ readonly backend: Backend; readonly says: readonly string[] }> {
  await using opened = new AsyncDisposableStack();
  const queues = withQueueRates(topology.queues, values, botTokensOf(values).length, NO_BOUNDS);
  let judged: Judged = { taken: [], says: [] };
  const inspect = (contents: StoreContents): void => void (judged = judgeStore(owners, contents));
  const backend = await openBackend({
    backend: values.BACKEND,
    dataDir: values.DATA_DIR,
    topology: { ...topology, queues },
    clock,
    log,
    inspect,
  });
  opened.defer(() => backend.close());
  await recordOwners(judged.taken, backend.store);
  opened.move();
  return { backend, says: judged.says };
}

function ownerOf({ owners }: LocalConfig, side: Side): ServedOwner | undefined {
  const claim = owners.claims.find((candidate) => candidate.side === side);
  return claim === undefined ? undefined : { claim, leaving: owners.leaving };
}

function schedulesOf(values: LocalConfig['values']): readonly Schedule[] {
  const minutes = new Map([
    [healthCheckSchedule.name, values.HEALTH_CHECK_MINUTES],
    [linkPoolSchedule.name, values.LINK_POOL_TICK_SECONDS / 60],
    [membershipSchedule.name, values.MEMBERSHIP_TICK_SECONDS / 60],
  ]);
  return schedules.map((schedule) => ({
    ...schedule,
    everyMinutes: minutes.get(schedule.name) ?? schedule.everyMinutes,
  }));
}

function updatesSetting({ values, simulated }: LocalConfig, url: string): UpdatesSetting {
  if (values.TELEGRAM_UPDATES === 'polling') return { by: 'polling' };
  return {
    by: 'webhook',
    baseUrl: simulated.telegram ? url : values.BASE_URL,
    secret: values.TELEGRAM_WEBHOOK_SECRET[0],
  };
}
