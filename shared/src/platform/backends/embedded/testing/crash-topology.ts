import type { Collection, Queue, Subscription, Topic, Topology } from '../../../ports/topology-types.ts';
import { ofNobody } from '../../../testing/of-nobody.ts';

/** What crash.faults.ts and the process that it kills agree on. */
export const topic: Topic = { name: 'crash-events', retentionSeconds: 3_600 };

export const subscription: Subscription = {
  name: 'crash-reader',
  topic,
  service: 'link-worker',
  ackDeadlineSeconds: 10,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 1,
  maxConcurrency: 100,
};

export const queue: Queue = {
  name: 'crash-queue',
  service: 'link-worker',
  maxDispatchesPerSecond: 50_000,
  maxConcurrentDispatches: 100,
  dispatchDeadlineSeconds: 15,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 1,
};

export const pairs: Collection<{ readonly key: string }> = { name: 'pairs', ...ofNobody, indexes: [] };

export const crashTopology: Topology = {
  topics: [topic],
  subscriptions: [subscription],
  queues: [queue],
  collections: [pairs],
};
