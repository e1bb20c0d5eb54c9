import { joinTracker } from '@paid-community/join-tracker/service.ts';
import { openEmbeddedBackend } from '@paid-community/shared/platform/backends/embedded/open-embedded-backend.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { startServices } from '@paid-community/shared/platform/service/start-services.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { linkOfJoin } from '../../load/updates.ts';
import { answerParent } from '../../processes/answer-parent.ts';

export interface WebhookJob {
  readonly kind: 'serve' | 'count-joins';
  readonly dataDir: string;
  readonly secret: string;
  /**
   * Numbers of the updates that are joins: their links are put into the store before, or their joins looked for
   * afterwards.
   */
  readonly joins: readonly number[];
}

const COMMIT_AT_ONCE = 500;
const RETENTION_DAYS = 400;

// join-tracker as it is deployed by itself.
answerParent(async ({ kind, dataDir, secret, joins: numbers }: WebhookJob): Promise<number> => {
  const clock = systemClock;
  const log = createLogger({ level: 'error', secrets: [secret] });
  const backend = openEmbeddedBackend({ dataDir, topology, clock, log });
  const { store } = backend;
  if (kind === 'count-joins') {
    const found = await Promise.all(numbers.map((number) => store.get(joins, String(number))));
    await backend.close();
    return found.filter((join) => join !== undefined).length;
  }
  for (let from = 0; from < numbers.length; from += COMMIT_AT_ONCE) {
    const createdAt = new Date(clock.now()).toISOString();
    await store.commit(
      numbers.slice(from, from + COMMIT_AT_ONCE).map((number) => {
        const inviteLink = linkOfJoin(number);
        return createDocument(inviteLinks, inviteLinkId(inviteLink), {
          inviteLink,
          requestId: String(number),
          userId: `user-${number}`,
          transactionId: `order-${number}`,
          createdAt,
        });
      }),
    );
  }
  const { eventBus, taskQueue } = backend;
  const ports = { eventBus, taskQueue, store, clock, log, telemetry: noTelemetry };
  const config = {
    BACKEND: 'gcp',
    TELEGRAM_UPDATES: 'webhook',
    TELEGRAM_WEBHOOK_SECRET: [secret],
    RETENTION_DAYS,
    REMOVAL_BREAKER_PERCENT: 5,
    REMOVAL_BREAKER_LEAST: 10,
    DISPUTE_SUSPENDS: 'false',
  } as const;
  const services = [joinTracker({ ...ports, config })];
  const { port } = await startServices({ ...ports, services, backend, host: '127.0.0.1', port: 0 });
  return port;
});
