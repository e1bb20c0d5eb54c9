import type { Topology } from '../../ports/topology-types.ts';
import { callOptions } from './call-limits.ts';
import { LazyClient } from './lazy-client.ts';
import { statusOf } from './port-error.ts';
import { openSubscriber, subscriptionPath, topicPath, type PubSubOptions } from './pubsub-event-bus.ts';

/**
 * Names of the subscriptions that are not there, or not of their topic: what is published without them reaches nobody,
 * and Pub/Sub says nothing. @throws RetryableError
 */
export async function missingSubscriptions(
  options: PubSubOptions,
  { subscriptions }: Pick<Topology, 'subscriptions'>,
): Promise<readonly string[]> {
  const subscriber = new LazyClient(
    () => openSubscriber(options),
    (client) => client.close(),
  );
  try {
    const looked = await Promise.all(
      subscriptions.map((subscription) =>
        subscriber.call(`Looking at ${subscription.name}`, async (client) => {
          try {
            const [{ topic }] = await client.getSubscription(
              { subscription: subscriptionPath(options.projectId, subscription) },
              callOptions(),
            );
            return topic === topicPath(options.projectId, subscription.topic) ? [] : [subscription.name];
          } catch (error) {
            if (statusOf(error) === 'not_found') return [subscription.name];
            throw error;
          }
        }),
      ),
    );
    return looked.flat();
  } finally {
    await subscriber.close();
  }
}
