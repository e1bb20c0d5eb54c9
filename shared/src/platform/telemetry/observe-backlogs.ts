import type { BusAdministration } from '../ports/bus-administration.ts';
import type { Clock } from '../ports/clock.ts';
import type { QueueAdministration } from '../ports/queue-administration.ts';
import type { Subscription, Topology } from '../ports/topology-types.ts';
import { ledgerAge, queueBacklog, subscriptionBacklog, subscriptionOldestAge } from './metric-definitions.ts';
import type { Observation, Telemetry } from './telemetry.ts';

export interface ObserveBacklogsDeps {
  readonly administration: { readonly bus: BusAdministration; readonly queue: QueueAdministration };
  /** The subscriptions that lead to the ledger of emissions: what they have not acknowledged is not in it. */
  readonly toLedger: readonly Subscription[];
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/**
 * What waits, and since when. Where the backend is embedded: on Google Cloud, Cloud Monitoring has the same figures of
 * its own (pubsub.googleapis.com/subscription/num_undelivered_messages and oldest_unacked_message_age,
 * cloudtasks.googleapis.com/queue/depth).
 */
export function observeBacklogs(
  { subscriptions, queues }: Topology,
  { administration, toLedger, clock, telemetry }: ObserveBacklogsDeps,
): void {
  telemetry.observe([subscriptionBacklog, subscriptionOldestAge, ledgerAge], async () => {
    const found: Observation[] = [];
    let ledgerAgeSeconds = 0;
    for (const subscription of subscriptions) {
      const backlog = await administration.bus.backlog(subscription);
      if (backlog === undefined) continue;
      const { undelivered, oldestPublishTime } = backlog;
      const ageSeconds =
        oldestPublishTime === undefined ? 0 : Math.max(0, clock.now() - oldestPublishTime.getTime()) / 1_000;
      const attributes = { 'messaging.destination.subscription.name': subscription.name };
      found.push(
        { gauge: subscriptionBacklog, value: undelivered, attributes },
        { gauge: subscriptionOldestAge, value: ageSeconds, attributes },
      );
      if (toLedger.includes(subscription)) ledgerAgeSeconds = Math.max(ledgerAgeSeconds, ageSeconds);
    }
    return [...found, { gauge: ledgerAge, value: ledgerAgeSeconds, attributes: {} }];
  });
  telemetry.observe([queueBacklog], async () => {
    const found: Observation[] = [];
    for (const queue of queues) {
      const { waiting } = await administration.queue.describe(queue);
      if (waiting !== undefined)
        found.push({ gauge: queueBacklog, value: waiting, attributes: { 'messaging.destination.name': queue.name } });
    }
    return found;
  });
}
