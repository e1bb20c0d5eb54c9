import { answerHealthCheck } from '@paid-community/shared/health/answer-health-check.ts';
import { headerSecretAuthentication } from '@paid-community/shared/platform/http/authenticate.ts';
import type { Route } from '@paid-community/shared/platform/http/route.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { Service } from '@paid-community/shared/platform/service/service.ts';
import { WEBHOOK_PATH } from '@paid-community/shared/telegram/webhook.ts';
import { noTelemetry, type Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { healthChecksForJoinTracker } from '@paid-community/shared/topology.ts';
import type { JoinTrackerConfig } from './config.ts';
import { examineUpdates } from './updates/examine-updates.ts';
import { receiveWebhook } from './updates/receive-webhook.ts';
import { SeenUpdates } from './updates/seen-updates.ts';
import { UntoldJoins } from './joins/untold-joins.ts';
import { updateHandling, type HandlingOptions } from './updates/update-handling.ts';

export interface JoinTrackerDeps {
  readonly config: Pick<JoinTrackerConfig, 'TELEGRAM_UPDATES' | 'TELEGRAM_WEBHOOK_SECRET'> &
    HandlingOptions['config'] & { readonly BACKEND?: string };
  readonly eventBus: EventBus;
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where updates are taken beside the webhook: shared with whoever takes them. */
  readonly seen?: SeenUpdates;
  readonly telemetry?: Telemetry;
  /** Where a start looks for them, too: shared with whoever does. */
  readonly untold?: UntoldJoins;
}

/** Learns from Telegram who joined, and through whose link. */
export function joinTracker({
  config,
  eventBus,
  store,
  clock,
  log,
  seen = new SeenUpdates(clock),
  telemetry = noTelemetry,
  ...given
}: JoinTrackerDeps): Service {
  const deps = updateHandling({ config, eventBus, store, clock, log, seen, telemetry });
  const untold = given.untold ?? new UntoldJoins({ ...deps, store, waitingEvents: () => Promise.resolve(undefined) });
  const webhook: Route = {
    method: 'POST',
    path: WEBHOOK_PATH,
    authenticate: headerSecretAuthentication('x-telegram-bot-api-secret-token', config.TELEGRAM_WEBHOOK_SECRET),
    handle: (request) => receiveWebhook(request, deps),
  };
  return {
    name: 'join-tracker',
    // A system that polls takes no updates from outside.
    routes: config.TELEGRAM_UPDATES === 'webhook' ? [webhook] : [],
    subscriptions: [
      {
        subscription: healthChecksForJoinTracker,
        handle: answerHealthCheck(
          'join-tracker',
          async (check, known) => {
            if (check.chatId !== undefined) return undefined;
            const { findings, facts = {} } = examineUpdates(config, seen, known);
            // Where each read is billed, only somebody who asks has this looked at.
            const told = check.scheduled && config.BACKEND !== 'embedded' ? [] : [await untold.look()];
            return { findings: [...findings, ...told], facts };
          },
          { store, clock, log },
        ),
      },
    ],
    tasks: [],
  };
}
