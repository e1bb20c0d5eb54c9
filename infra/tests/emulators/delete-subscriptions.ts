import {
  openSubscriber,
  subscriptionPath,
  type PubSubOptions,
} from '@paid-community/shared/platform/backends/gcp/pubsub-event-bus.ts';
import type { Subscription } from '@paid-community/shared/platform/ports/topology-types.ts';

/** Else the emulator would go on pushing the messages that are left, to a port that may belong to another test now. */
export async function deleteSubscriptions(place: PubSubOptions, subscriptions: readonly Subscription[]): Promise<void> {
  const subscriber = await openSubscriber(place);
  await Promise.all(
    subscriptions.map((subscription) =>
      subscriber.deleteSubscription({ subscription: subscriptionPath(place.projectId, subscription) }),
    ),
  );
  await subscriber.close();
}
