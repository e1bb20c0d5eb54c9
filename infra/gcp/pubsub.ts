import { Subscription } from '@pulumi/gcp/pubsub/subscription.js';
import { Topic } from '@pulumi/gcp/pubsub/topic.js';
import { pushPath } from '@paid-community/shared/backends/gcp/push-path.ts';
import { topology } from '@paid-community/shared/topology.ts';
import type { Context } from './context.ts';
import { serviceUrl } from './urls.ts';

export interface PubSub {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
}

export function declareTopics({ project, region, labels, keptAfter }: Context): ReadonlyMap<string, Topic> {
  return new Map(
    topology.topics.map(({ name, retentionSeconds }) => [
      name,
      new Topic(
        name,
        {
          project,
          name,
          messageRetentionDuration: `${retentionSeconds}s`,
          // What a purchase says about a person stays in the region.
          messageStoragePolicy: { allowedPersistenceRegions: [region] },
          labels: { ...labels },
        },
        keptAfter('pubsub'),
      ),
    ]),
  );
}

/** Each delivers to its service by calls that are signed as `pushAccount`, with the URL of the service as audience. */
export function declareSubscriptions(context: Context, topics: ReadonlyMap<string, Topic>, pushAccount: string): ReadonlyMap<string, Subscription> {
  const { project, labels, keptAfter } = context;
  const topicId = (name: string): Topic['id'] => {
    const topic = topics.get(name);
    if (topic === undefined) throw new Error(`A subscription names the topic ${name}, which is not in the topology`);
    return topic.id;
  };
  return new Map(
    topology.subscriptions.map((subscription) => {
      const { name, topic, service, deadLetter } = subscription;
      const url = serviceUrl(context, service);
      return [
        name,
        new Subscription(
          name,
          {
            project,
            name,
            topic: topicId(topic.name),
            ackDeadlineSeconds: subscription.ackDeadlineSeconds,
            pushConfig: { pushEndpoint: `${url}${pushPath(topic.name)}`, oidcToken: { serviceAccountEmail: pushAccount, audience: url } },
            retryPolicy: { minimumBackoff: `${subscription.minBackoffSeconds}s`, maximumBackoff: `${subscription.maxBackoffSeconds}s` },
            ...(deadLetter === undefined
              ? {}
              : { deadLetterPolicy: { deadLetterTopic: topicId(deadLetter.topic.name), maxDeliveryAttempts: deadLetter.maxDeliveryAttempts } }),
            // What nobody has acknowledged; what somebody has, the topic keeps for a replay.
            messageRetentionDuration: `${topic.retentionSeconds}s`,
            // Empty: never. Otherwise Pub/Sub deletes a subscription that was idle for 31 days.
            expirationPolicy: { ttl: '' },
            labels: { ...labels, service },
          },
          keptAfter('pubsub'),
        ),
      ];
    }),
  );
}
