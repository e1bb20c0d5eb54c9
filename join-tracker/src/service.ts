import { headerSecretAuthentication } from '@paid-community/shared/http/authenticate.ts';
import type { Route } from '@paid-community/shared/http/route.ts';
import type { Logger } from '@paid-community/shared/log/logger.ts';
import type { DocumentStore } from '@paid-community/shared/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/ports/event-bus.ts';
import type { Service } from '@paid-community/shared/service/service.ts';
import type { JoinTrackerConfig } from './config.ts';
import { Joins } from './joins.ts';
import { receiveWebhook } from './receive-webhook.ts';
import { WEBHOOK_PATH } from './telegram/register-webhook.ts';

export interface JoinTrackerDeps {
  readonly config: Pick<JoinTrackerConfig, 'TELEGRAM_UPDATES' | 'TELEGRAM_WEBHOOK_SECRET'>;
  readonly eventBus: EventBus;
  readonly documentStore: DocumentStore;
  readonly log: Logger;
}

/** Learns from Telegram who joined, and through whose link. */
export function joinTracker({ config, eventBus, documentStore, log }: JoinTrackerDeps): Service {
  const deps = { joins: new Joins(documentStore), eventBus, log };
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
    subscriptions: [],
    tasks: [],
  };
}
