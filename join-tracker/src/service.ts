import { answerHealthCheck } from '@paid-community/shared/health/answer-health-check.ts';
import { mountEndpoint } from '@paid-community/shared/platform/http/endpoint.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { Service } from '@paid-community/shared/platform/service/service.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import {
  createdLinksForJoinTracker,
  healthChecksForJoinTracker,
  membershipsForJoinTracker,
  membershipTicksForJoinTracker,
  purchasesForJoinTracker,
} from '@paid-community/shared/topology.ts';
import type { JoinTrackerConfig } from './config.ts';
import { examineUpdates } from './updates/examine-updates.ts';
import {
  botAuthentication,
  defaultBotAuthentication,
  receiveBotWebhook,
  receiveWebhook,
} from './updates/receive-webhook.ts';
import { SeenUpdates } from './updates/seen-updates.ts';
import { measureRemovals } from './measurements.ts';
import { answerHandlers } from './memberships/answer-handlers.ts';
import { linkHandlers } from './memberships/link-handlers.ts';
import { membershipWork } from './memberships/membership-work.ts';
import { purchaseHandlers } from './memberships/purchase-handlers.ts';
import { examineMemberships } from './ticks/examine-memberships.ts';
import { tickHandlers } from './ticks/tick-handlers.ts';
import { UntoldJoins } from './joins/untold-joins.ts';
import type { PollConfig } from './updates/telegram/poll-with-tokens.ts';
import { updateHandling, type HandlingOptions } from './updates/update-handling.ts';

/** With polling, the bot as well. By webhook this service needs no token. */
type UpdatesConfig = { readonly TELEGRAM_UPDATES: 'webhook' } | ({ readonly TELEGRAM_UPDATES: 'polling' } & PollConfig);

export interface JoinTrackerDeps {
  readonly config: UpdatesConfig &
    Pick<JoinTrackerConfig, 'TELEGRAM_WEBHOOK_SECRET'> &
    HandlingOptions['config'] &
    Pick<JoinTrackerConfig, 'REMOVAL_BREAKER_PERCENT' | 'REMOVAL_BREAKER_LEAST' | 'DISPUTE_SUSPENDS'> & {
      readonly BACKEND: 'embedded' | 'gcp';
    };
  readonly eventBus: EventBus;
  readonly taskQueue: TaskQueue;
  readonly store: DocumentStore;
  /** Events of joins that wait to be taken by event-emitter; by default nobody knows. */
  readonly waitingEvents?: (() => Promise<number | undefined>) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}

/** Learns from Telegram who joined, and through whose link; keeps who may be inside, and has it enforced. */
export function joinTracker({
  config,
  waitingEvents = () => Promise.resolve(undefined),
  ...ports
}: JoinTrackerDeps): Service {
  const { store, clock, log, telemetry } = ports;
  const seen = new SeenUpdates(clock);
  const membershipDeps = membershipWork(config, ports);
  measureRemovals(telemetry, store);
  const handling = updateHandling({ config, ...ports, seen, memberships: membershipDeps });
  // Where each read is billed, a join that was not told is looked for only when somebody asks.
  const looksByItself = config.BACKEND === 'embedded';
  const untold = new UntoldJoins({ ...ports, joins: handling.joins, waitingEvents });
  const secrets = config.TELEGRAM_WEBHOOK_SECRET;
  return {
    name: 'join-tracker',
    // A system that polls takes no updates from outside.
    routes:
      config.TELEGRAM_UPDATES === 'webhook'
        ? [
            mountEndpoint(receiveWebhook, handling, defaultBotAuthentication(secrets)),
            mountEndpoint(receiveBotWebhook, handling, botAuthentication(secrets)),
          ]
        : [],
    subscriptions: [
      { subscription: purchasesForJoinTracker, handlers: purchaseHandlers(membershipDeps) },
      { subscription: createdLinksForJoinTracker, handlers: linkHandlers(membershipDeps) },
      { subscription: membershipsForJoinTracker, handlers: answerHandlers(membershipDeps) },
      { subscription: membershipTicksForJoinTracker, handlers: tickHandlers(membershipDeps) },
      {
        subscription: healthChecksForJoinTracker,
        handlers: answerHealthCheck(
          'join-tracker',
          async (check, known) => {
            if (check.chatId !== undefined) return undefined;
            const { findings, facts = {} } = examineUpdates(config, seen, known);
            const told = check.scheduled && !looksByItself ? [] : [await untold.look()];
            return { findings: [...findings, ...(await examineMemberships(membershipDeps)), ...told], facts };
          },
          { store, clock, log },
        ),
      },
    ],
    tasks: [],
    background: async (signal) => {
      const look = looksByItself ? untold.look() : undefined;
      if (config.TELEGRAM_UPDATES === 'polling') {
        // Loaded here, so that a service that takes a webhook does not load a client of the Bot API.
        const { pollWithTokens } = await import('./updates/telegram/poll-with-tokens.ts');
        await pollWithTokens(config, { ...handling, store, telemetry }, signal);
      }
      await look;
    },
  };
}
