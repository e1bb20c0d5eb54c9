import type { v1 } from '@google-cloud/pubsub';
import { ARCHIVE_ACK_DEADLINE_SECONDS } from './archive-subscription.ts';
import type { Subscription, Topic, Topology } from '../../ports/topology-types.ts';
import { callOptions } from './call-limits.ts';
import { filterOf } from './subscription-filter.ts';
import { statusOf } from './port-error.ts';
import { openPublisher, openSubscriber, subscriptionPath, topicPath, type PubSubOptions } from './pubsub-event-bus.ts';

/**
 * Creates the topics, push subscriptions and archives of a topology, for emulators and tests; on Google Cloud the
 * infrastructure program does it. What exists already is left as it is. `pushEndpoint` says where a subscription
 * delivers; undefined makes it one to pull from.
 */
export async function createPubSubTopology(
  options: PubSubOptions,
  { topics, subscriptions }: Pick<Topology, 'topics' | 'subscriptions'>,
  pushEndpoint: (subscription: Subscription) => string | undefined,
): Promise<void> {
  const [publisher, subscriber] = await Promise.all([openPublisher(options), openSubscriber(options)]);
  try {
    await Promise.all(topics.map((topic) => createTopic(publisher, options, topic)));
    await Promise.all([
      ...subscriptions.map((subscription) =>
        createSubscription(subscriber, options, subscription, pushEndpoint(subscription)),
      ),
      ...topics.map((topic) => createArchive(subscriber, options, topic)),
    ]);
  } finally {
    await Promise.all([publisher.close(), subscriber.close()]);
  }
}

interface Duration {
  readonly seconds: number;
  readonly nanos: number;
}

async function createTopic(publisher: v1.PublisherClient, { projectId }: PubSubOptions, topic: Topic): Promise<void> {
  await unlessItExists(
    publisher.createTopic(
      { name: topicPath(projectId, topic), messageRetentionDuration: toDuration(topic.retentionSeconds) },
      callOptions(),
    ),
  );
}

async function createSubscription(
  subscriber: v1.SubscriberClient,
  { projectId, emulatorHost }: PubSubOptions,
  subscription: Subscription,
  endpoint: string | undefined,
): Promise<void> {
  const { topic, deadLetter } = subscription;
  await unlessItExists(
    subscriber.createSubscription(
      {
        name: subscriptionPath(projectId, subscription),
        topic: topicPath(projectId, topic),
        ackDeadlineSeconds: subscription.ackDeadlineSeconds,
        ...(endpoint === undefined ? {} : { pushConfig: { pushEndpoint: endpoint } }),
        ...(subscription.onlyWith === undefined ? {} : { filter: filterOf(subscription.onlyWith) }),
        ...(emulatorHost === undefined ? { retryPolicy: retryPolicyOf(subscription) } : {}),
        ...(deadLetter?.maxDeliveryAttempts === undefined
          ? {}
          : {
              deadLetterPolicy: {
                deadLetterTopic: topicPath(projectId, deadLetter.topic),
                maxDeliveryAttempts: deadLetter.maxDeliveryAttempts,
              },
            }),
        // The topic's retention is enough on Google Cloud; the emulator replays acknowledged messages only with these
        // two.
        retainAckedMessages: true,
        messageRetentionDuration: toDuration(topic.retentionSeconds),
        // A policy without a time: it never expires. The default is after 31 days without a delivery.
        expirationPolicy: {},
      },
      callOptions(),
    ),
  );
}

async function createArchive(
  subscriber: v1.SubscriberClient,
  { projectId }: PubSubOptions,
  topic: Topic,
): Promise<void> {
  if (topic.archiveSubscription === undefined) return;
  await unlessItExists(
    subscriber.createSubscription(
      {
        name: `projects/${projectId}/subscriptions/${topic.archiveSubscription}`,
        topic: topicPath(projectId, topic),
        ackDeadlineSeconds: ARCHIVE_ACK_DEADLINE_SECONDS,
        retainAckedMessages: true,
        messageRetentionDuration: toDuration(topic.retentionSeconds),
        expirationPolicy: {},
      },
      callOptions(),
    ),
  );
}

/**
 * Not for the emulator (0.8.20), which loses messages by it. Two messages that have failed a second time, seen at the
 * same look at the deadlines, go together into its list of delayed messages; there it looks for each alone, does not
 * find it and enters it again. The second entry to come due is a NullPointerException in the timer that works off the
 * list (MessageBacklog.nackMessage), which ends the timer: from then on the subscription keeps a message that fails
 * twice, for ever, while all others flow. Without a policy it delivers a failed message again after a second, always.
 */
function retryPolicyOf({ minBackoffSeconds, maxBackoffSeconds }: Subscription): {
  minimumBackoff: Duration;
  maximumBackoff: Duration;
} {
  return { minimumBackoff: toDuration(minBackoffSeconds), maximumBackoff: toDuration(maxBackoffSeconds) };
}

async function unlessItExists(created: Promise<unknown>): Promise<void> {
  try {
    await created;
  } catch (error) {
    if (statusOf(error) !== 'already_exists') throw error;
  }
}

function toDuration(seconds: number): Duration {
  const whole = Math.floor(seconds);
  return { seconds: whole, nanos: Math.round((seconds - whole) * 1e9) };
}
