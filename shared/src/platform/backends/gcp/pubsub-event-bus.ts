import type { v1 } from '@google-cloud/pubsub';
import { RetryableError } from '../../ports/errors.ts';
import type { EventBus, OutgoingMessage } from '../../ports/event-bus.ts';
import type { Subscription, Topic } from '../../ports/topology-types.ts';
import { checkMessage } from '../message-limits.ts';
import { callOptions, CALL_DEADLINE_MS } from './call-limits.ts';
import { connected, connectionOptions } from './connection.ts';
import { toTimestamp } from './google-timestamp.ts';
import { LazyClient } from './lazy-client.ts';

export interface PubSubOptions {
  readonly projectId: string;
  readonly emulatorHost: string | undefined;
}

/**
 * EventBus on Pub/Sub. One message is one Publish call. The SDK would hold it back for 10 ms to fill a batch, in the
 * publisher as in the generated client below it, while somebody waits for the acknowledgement.
 */
export class PubSubEventBus implements EventBus {
  readonly #options: PubSubOptions;
  readonly #publisher: LazyClient<v1.PublisherClient>;
  readonly #subscriber: LazyClient<v1.SubscriberClient>;

  constructor(options: PubSubOptions) {
    this.#options = options;
    this.#publisher = new LazyClient(
      () => openPublisher(options),
      (client) => client.close(),
    );
    this.#subscriber = new LazyClient(
      () => openSubscriber(options),
      (client) => client.close(),
    );
  }

  async publish(topic: Topic, message: OutgoingMessage): Promise<string> {
    checkMessage(message);
    const request = {
      topic: topicPath(this.#options.projectId, topic),
      messages: [{ data: Buffer.from(message.data), attributes: { ...message.attributes } }],
    };
    const what = `Publishing to ${topic.name}`;
    return this.#publisher.call(what, async (client) => {
      const [response] = await client.publish(request, { ...callOptions(), isBundling: false });
      const [messageId] = response.messageIds ?? [];
      if (messageId === undefined) throw new RetryableError('no_message_id', 'Pub/Sub answered without a message id');
      return messageId;
    });
  }

  async seek(subscription: Subscription, since: Date): Promise<void> {
    const request = { subscription: subscriptionPath(this.#options.projectId, subscription), time: toTimestamp(since) };
    await this.#subscriber.call(`Seeking ${subscription.name}`, (client) => client.seek(request, callOptions()));
  }

  /**
   * @throws RetryableError unless the channel to Pub/Sub is up. A publisher may ask for no more: it has no role to look
   * at topics.
   */
  async checkReady(): Promise<void> {
    await this.#publisher.call('Connecting to Pub/Sub', (client) => connected(client.initialize(), CALL_DEADLINE_MS));
  }

  async close(): Promise<void> {
    await Promise.all([this.#publisher.close(), this.#subscriber.close()]);
  }
}

export function topicPath(projectId: string, topic: Topic): string {
  return `projects/${projectId}/topics/${topic.name}`;
}

export function subscriptionPath(projectId: string, subscription: Subscription): string {
  return `projects/${projectId}/subscriptions/${subscription.name}`;
}

// The generated clients by themselves: the package as a whole loads a publisher, a subscriber and OpenTelemetry
// besides, for 70 ms and 13 MB more. It exports every file, and its version is pinned.

export async function openPublisher({ projectId, emulatorHost }: PubSubOptions): Promise<v1.PublisherClient> {
  const { PublisherClient } = await import('@google-cloud/pubsub/build/src/v1/publisher_client.js');
  return new PublisherClient(await connectionOptions(projectId, emulatorHost));
}

export async function openSubscriber({ projectId, emulatorHost }: PubSubOptions): Promise<v1.SubscriberClient> {
  const { SubscriberClient } = await import('@google-cloud/pubsub/build/src/v1/subscriber_client.js');
  return new SubscriberClient(await connectionOptions(projectId, emulatorHost));
}
