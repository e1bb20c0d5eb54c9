import { setTimeout as sleep } from 'node:timers/promises';
import type { v1 } from '@google-cloud/pubsub';
import { AlreadyExistsError, PermanentError } from '../../ports/errors.ts';
import type {
  Backlog,
  BusAdministration,
  BusSnapshot,
  RetainedMessage,
  RetainedPage,
  RetainedQuery,
} from '../../ports/bus-administration.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Subscription, Topic, Topology } from '../../ports/topology-types.ts';
import { checkRetainedQuery, checkSnapshotLife, checkSnapshotName, noSuchSnapshot, pairCursor } from '../bus-rules.ts';
import { callOptions } from './call-limits.ts';
import { fromTimestamp, toTimestamp } from './google-timestamp.ts';
import { LazyClient } from './lazy-client.ts';
import { messageText } from './message-text.ts';
import { Monitoring, type MonitoringOptions } from './monitoring.ts';
import { statusOf } from './port-error.ts';
import { openSubscriber, subscriptionPath, topicPath, type PubSubOptions } from './pubsub-event-bus.ts';

/**
 * When a reading is over: nothing of its range has come for `quietMs`, and the seek before it has had `seekSettlesMs`.
 * Pub/Sub does not say that an archive is empty: a pull may find nothing though something is there.
 */
export interface Patience {
  readonly quietMs: number;
  readonly seekSettlesMs: number;
}

/**
 * A seek takes about a minute to take full effect
 * (https://cloud.google.com/pubsub/docs/replay-overview#seek_eventual_consistency): what looks empty before is not. The
 * emulator does it at once.
 */
const PATIENCE: Patience = { quietMs: 20_000, seekSettlesMs: 90_000 };
const EMULATOR_PATIENCE: Patience = { quietMs: 1_000, seekSettlesMs: 0 };
/** A page is answered after this time, with what has come. */
const PAGE_MS = 4_000;
const PULL_EVERY_MS = 200;

/** Administration of Pub/Sub; backlogs come from Cloud Monitoring, which emulators do not have. */
export class PubSubAdministration implements BusAdministration {
  readonly #options: PubSubOptions;
  readonly #patience: Patience;
  readonly #topology: Topology;
  readonly #clock: Clock;
  readonly #monitoring: Monitoring | undefined;
  readonly #subscriber: LazyClient<v1.SubscriberClient>;

  constructor(
    options: PubSubOptions & Pick<MonitoringOptions, 'apiRoot' | 'authorize'> & { readonly patience?: Patience },
    topology: Topology,
    clock: Clock,
  ) {
    this.#options = options;
    this.#patience = options.patience ?? (options.emulatorHost === undefined ? PATIENCE : EMULATOR_PATIENCE);
    this.#topology = topology;
    this.#clock = clock;
    this.#monitoring = options.emulatorHost === undefined ? new Monitoring(options, clock) : undefined;
    this.#subscriber = new LazyClient(
      () => openSubscriber(options),
      (client) => client.close(),
    );
  }

  async backlog(subscription: Subscription): Promise<Backlog | undefined> {
    if (this.#monitoring === undefined) return undefined;
    const resource = { subscription_id: subscription.name };
    const [count, age] = await Promise.all([
      this.#monitoring.latest('pubsub.googleapis.com/subscription/num_undelivered_messages', resource),
      this.#monitoring.latest('pubsub.googleapis.com/subscription/oldest_unacked_message_age', resource),
    ]);
    if (count === undefined) return undefined;
    if (count.value === 0) return { undelivered: 0, oldestPublishTime: undefined };
    return {
      undelivered: count.value,
      oldestPublishTime: age === undefined ? undefined : new Date(age.at.getTime() - age.value * 1_000),
    };
  }

  async createSnapshot(name: string, subscription: Subscription): Promise<BusSnapshot> {
    checkSnapshotName(name);
    const request = {
      name: this.#snapshotPath(name),
      subscription: subscriptionPath(this.#options.projectId, subscription),
    };
    const expiresAt = await this.#call(`Making a snapshot of ${subscription.name}`, async (client) => {
      try {
        const [snapshot] = await client.createSnapshot(request, callOptions());
        return fromTimestamp(snapshot.expireTime);
      } catch (error) {
        if (statusOf(error) === 'already_exists')
          throw new AlreadyExistsError(`There is a snapshot ${name} already`, { cause: error });
        if (statusOf(error) === 'failed_precondition') checkSnapshotLife(0, this.#clock.now());
        throw error;
      }
    });
    return { name, topic: subscription.topic.name, expiresAt };
  }

  async listSnapshots(): Promise<readonly BusSnapshot[]> {
    const topics = new Map(
      this.#topology.topics.map((topic) => [topicPath(this.#options.projectId, topic), topic.name]),
    );
    const [snapshots] = await this.#call('Listing snapshots', (client) =>
      client.listSnapshots({ project: `projects/${this.#options.projectId}` }, callOptions()),
    );
    return snapshots
      .flatMap(({ name, topic, expireTime }) => {
        const known = topics.get(topic ?? '');
        return known === undefined
          ? []
          : [{ name: (name ?? '').split('/').at(-1) ?? '', topic: known, expiresAt: fromTimestamp(expireTime) }];
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async deleteSnapshot(name: string): Promise<void> {
    checkSnapshotName(name);
    await this.#call('Deleting a snapshot', async (client) => {
      try {
        await client.deleteSnapshot({ snapshot: this.#snapshotPath(name) }, callOptions());
      } catch (error) {
        if (statusOf(error) !== 'not_found') throw error;
      }
    });
  }

  async seekToSnapshot(subscription: Subscription, name: string): Promise<void> {
    checkSnapshotName(name);
    await this.#seek(subscription.topic, subscription.name, { snapshot: this.#snapshotPath(name) });
  }

  async readRetained(query: RetainedQuery): Promise<RetainedPage> {
    checkRetainedQuery(query);
    const { topic, from, until, limit, cursor } = query;
    const { archiveSubscription } = topic;
    if (archiveSubscription === undefined)
      throw new PermanentError('no_archive', `The topic ${topic.name} has no archive subscription`);
    const startedAt = this.#clock.now();
    // The cursor holds the time at which something of the range came last, and that of the seek.
    const [latest = startedAt, soughtAt = startedAt] =
      cursor === undefined ? [startedAt, startedAt] : pairCursor.decode(cursor);
    let lastAt = latest;
    if (cursor === undefined)
      await this.#seek(
        topic,
        archiveSubscription,
        from instanceof Date ? { time: toTimestamp(from) } : { snapshot: this.#snapshotPath(from.snapshot) },
      );
    const messages: RetainedMessage[] = [];
    const { quietMs, seekSettlesMs } = this.#patience;
    for (;;) {
      const pulled = await this.#pull(archiveSubscription, limit - messages.length);
      const wanted = pulled.filter(
        ({ publishTime }) => publishTime < until && (!(from instanceof Date) || publishTime >= from),
      );
      messages.push(...wanted);
      const nowMs = this.#clock.now();
      if (wanted.length > 0) lastAt = nowMs;
      if (nowMs - lastAt >= quietMs && nowMs - soughtAt >= seekSettlesMs) return { messages, nextCursor: undefined };
      if (messages.length >= limit || nowMs - startedAt >= PAGE_MS)
        return { messages, nextCursor: pairCursor.encode([lastAt, soughtAt]) };
      if (pulled.length === 0) await sleep(PULL_EVERY_MS);
    }
  }

  removeRetained(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async close(): Promise<void> {
    await this.#subscriber.close();
  }

  /** Acknowledged at once: who breaks a reading off begins a new one, with a seek. */
  async #pull(archive: string, maxMessages: number): Promise<RetainedMessage[]> {
    const subscription = `projects/${this.#options.projectId}/subscriptions/${archive}`;
    return this.#call(`Reading ${archive}`, async (client) => {
      // Without returnImmediately a pull that we give up may already hold messages, and nobody gets those before their
      // ack deadline.
      const [{ receivedMessages }] = await client.pull(
        { subscription, maxMessages, returnImmediately: true },
        callOptions(),
      );
      const received = receivedMessages ?? [];
      if (received.length > 0)
        await client.acknowledge({ subscription, ackIds: received.map(({ ackId }) => ackId ?? '') }, callOptions());
      return received.map(({ message }) => ({
        messageId: message?.messageId ?? '',
        publishTime: fromTimestamp(message?.publishTime),
        attributes: message?.attributes ?? {},
        data: messageText(Buffer.from(message?.data ?? '')),
      }));
    });
  }

  async #seek(
    topic: Topic,
    subscription: string,
    to: { readonly time: ReturnType<typeof toTimestamp> } | { readonly snapshot: string },
  ): Promise<void> {
    await this.#call(`Seeking ${subscription}`, async (client) => {
      try {
        await client.seek(
          { subscription: `projects/${this.#options.projectId}/subscriptions/${subscription}`, ...to },
          callOptions(),
        );
      } catch (error) {
        const status = statusOf(error);
        // A snapshot of another topic is a failed precondition.
        if ('snapshot' in to && (status === 'not_found' || status === 'failed_precondition'))
          throw noSuchSnapshot(`${to.snapshot.split('/').at(-1) ?? ''} (${topic.name})`);
        throw error;
      }
    });
  }

  #call<T>(what: string, call: (client: v1.SubscriberClient) => Promise<T>): Promise<T> {
    return this.#subscriber.call(what, call);
  }

  #snapshotPath(name: string): string {
    return `projects/${this.#options.projectId}/snapshots/${name}`;
  }
}
