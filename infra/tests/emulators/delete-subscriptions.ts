import {
  openSubscriber,
  subscriptionPath,
  type PubSubOptions,
} from '@paid-community/shared/platform/backends/gcp/pubsub-event-bus.ts';
import type { Subscription } from '@paid-community/shared/platform/ports/topology-types.ts';

/** Else the emulator would go on pushing what was left over, to a port that may be another test's by then. */
export async function deleteSubscriptions(place: PubSubOptions, subscriptions: readonly Subscription[]): Promise<void> {
  const subscriber = await openSubscriber(place);
  await Promise.all(
    subscriptions.map((subscription) =>
      subscriber.deleteSubscription({ subscription: subscriptionPath(place.projectId, subscription) }),
    ),
  );
  await subscriber.close();
}
