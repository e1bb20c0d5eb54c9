import type { Resource } from '@pulumi/pulumi';
import { Subscription } from '@pulumi/gcp/pubsub/subscription.js';
import { Topic } from '@pulumi/gcp/pubsub/topic.js';
import { filterOf } from '@paid-community/shared/platform/backends/gcp/subscription-filter.ts';
import { pushPath } from '@paid-community/shared/platform/backends/gcp/push-path.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { ARCHIVE_ACK_DEADLINE_SECONDS } from '@paid-community/shared/platform/backends/gcp/archive-subscription.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { waitingFor, type Context } from './context.ts';
import { serviceUrl } from './urls.ts';

export interface PubSub {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
}

/** Otherwise Pub/Sub deletes a subscription that was idle for 31 days. */
const NEVER = { ttl: '' };

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

/**
 * Through these an operator reads what a topic retains, without taking anything from anybody: to pull from, pushed to
 * nobody.
 */
export function declareArchives(
  { project, labels, keptAfter }: Context,
  topics: ReadonlyMap<string, Topic>,
): ReadonlyMap<string, Subscription> {
  return new Map(
    topology.topics.flatMap(({ name: topicName, archiveSubscription: name, retentionSeconds }) => {
      if (name === undefined) return [];
      const archive = new Subscription(
        name,
        {
          project,
          name,
          topic: idOf(topics, topicName),
          ackDeadlineSeconds: ARCHIVE_ACK_DEADLINE_SECONDS,
          messageRetentionDuration: `${retentionSeconds}s`,
          expirationPolicy: NEVER,
          labels: { ...labels },
        },
        keptAfter('pubsub'),
      );
      return [[name, archive] as const];
    }),
  );
}

function idOf(topics: ReadonlyMap<string, Topic>, name: string): Topic['id'] {
  const topic = topics.get(name);
  if (topic === undefined) throw new Error(`A subscription names the topic ${name}, which is not in the topology`);
  return topic.id;
}

/**
 * Each delivers to its service by calls that are signed as `pushAccount`, with the URL of the service as audience.
 * `needed` must exist before a delivery can succeed.
 */
export function declareSubscriptions(
  context: Context,
  topics: ReadonlyMap<string, Topic>,
  pushAccount: string,
  needed: (service: ServiceName) => readonly Resource[],
): ReadonlyMap<string, Subscription> {
  const { project, labels, keptAfter } = context;
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
            topic: idOf(topics, topic.name),
            ackDeadlineSeconds: subscription.ackDeadlineSeconds,
            pushConfig: {
              pushEndpoint: `${url}${pushPath(topic.name)}`,
              oidcToken: { serviceAccountEmail: pushAccount, audience: url },
            },
            ...(subscription.onlyWith === undefined ? {} : { filter: filterOf(subscription.onlyWith) }),
            retryPolicy: {
              minimumBackoff: `${subscription.minBackoffSeconds}s`,
              maximumBackoff: `${subscription.maxBackoffSeconds}s`,
            },
            ...(deadLetter?.maxDeliveryAttempts === undefined
              ? {}
              : {
                  deadLetterPolicy: {
                    deadLetterTopic: idOf(topics, deadLetter.topic.name),
                    maxDeliveryAttempts: deadLetter.maxDeliveryAttempts,
                  },
                }),
            // What nobody has acknowledged; what somebody has, the topic keeps for a replay.
            messageRetentionDuration: `${topic.retentionSeconds}s`,
            expirationPolicy: NEVER,
            labels: { ...labels, service },
          },
          waitingFor(keptAfter('pubsub'), needed(service)),
        ),
      ];
    }),
  );
}
