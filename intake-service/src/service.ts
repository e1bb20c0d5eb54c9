import type { Administration, Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { ChatMigrated, ChatOffered } from '@paid-community/shared/model/communities/community-events.ts';
import { on, onAnyMessage } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import { apiKeyAuthentication } from '@paid-community/shared/platform/http/authenticate.ts';
import { mountEndpoint } from '@paid-community/shared/platform/http/endpoint.ts';
import { KnownPlans } from '@paid-community/shared/plans/known-plans.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { Service } from '@paid-community/shared/platform/service/service.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { communityEventsForIntake, deadLettersForIntake } from '@paid-community/shared/topology.ts';
import type { IntakeConfig } from './config.ts';
import { connectOnChatOffered } from './communities/connect-on-chat-offered.ts';
import { moveChatOnChatMigrated } from './communities/move-chat-on-chat-migrated.ts';
import { measurePurchases, observeDeadLetters } from './measurements.ts';
import { operatorRoutes } from './operator/routes.ts';
import { recordDeadLetter } from './dead-letters/record-dead-letter.ts';
import { refundPurchase } from './purchases/refund-purchase.ts';
import { requestInvite } from './purchases/request-invite.ts';
import { showRequest } from './purchases/show-request.ts';

export interface IntakeDeps {
  readonly config: IntakeConfig;
  readonly eventBus: EventBus;
  readonly taskQueue: TaskQueue;
  readonly store: DocumentStore;
  readonly administration: Administration;
  readonly checkReady: Backend['checkReady'];
  /** Folder of the database, where there is one. */
  readonly dataDir?: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}

/** Takes purchases, tells how far they are, keeps what nobody could process, and does what operators ask for. */
export function intakeService({ config, store, dataDir, telemetry, ...deps }: IntakeDeps): Service {
  const measured = measurePurchases(telemetry);
  observeDeadLetters(store, telemetry);
  const communities = new KnownCommunities({ store, clock: deps.clock });
  // Read before the first purchase comes, which waits for no read.
  communities.lastKnown(DEFAULT_COMMUNITY);
  const plans = new KnownPlans({ store, clock: deps.clock });
  const authenticate = apiKeyAuthentication(config.INTAKE_API_KEYS);
  return {
    name: 'intake-service',
    routes: [
      measured(mountEndpoint(requestInvite, { ...deps, communities, plans }, authenticate)),
      mountEndpoint(showRequest, { store }, authenticate),
      mountEndpoint(refundPurchase, deps, authenticate),
      ...operatorRoutes(config.OPERATOR_API_KEYS, { ...deps, store, dataDir, config }),
    ],
    subscriptions: [
      {
        subscription: deadLettersForIntake,
        handlers: [onAnyMessage((message) => recordDeadLetter(message, store, config.RETENTION_DAYS))],
      },
      {
        subscription: communityEventsForIntake,
        handlers: [
          on(ChatOffered, (event) => connectOnChatOffered(event, { ...deps, store })),
          on(ChatMigrated, (event) => moveChatOnChatMigrated(event, { ...deps, store })),
        ],
      },
    ],
    tasks: [],
  };
}
