import { beforeAll, describe, expect, test } from '@jest/globals';
import { deadLetterTopic } from '@paid-community/shared/model/topics.ts';
import { WAITING_PER_BOT, withQueueRates } from '@paid-community/shared/queue-rates.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { cronOf } from './scheduler.ts';
import { declareOnMocks, type Declared, type DeclaredSystem } from './testing/declared-system.ts';
import { stackConfig, WHOLE as baseSettings } from './testing/stack-configs.ts';

let system: DeclaredSystem;
let topics: readonly Declared[];
let subscriptions: readonly Declared[];

beforeAll(async () => {
  system = await declareOnMocks(stackConfig());
  topics = system.ofType('gcp:pubsub/topic:Topic');
  subscriptions = system.ofType('gcp:pubsub/subscription:Subscription');
});

const idOf = (topic: string): string => `gcp:pubsub/topic:Topic/${topic}/id`;
const seconds = (duration: unknown): number => Number(/^(\d+)s$/.exec(String(duration))?.[1]);
const named = (name: string): Record<string, unknown> => {
  const found = subscriptions.find(({ inputs }) => inputs['name'] === name);
  if (found === undefined) throw new Error(`${name} is not declared`);
  return found.inputs;
};

describe('topics and subscriptions', () => {
  test('are those of the topology, and no others', () => {
    expect(topics.map(({ inputs }) => inputs['name'])).toEqual(topology.topics.map(({ name }) => name));
    const archives = topology.topics.flatMap(({ archiveSubscription }) => archiveSubscription ?? []);
    expect(new Set(subscriptions.map(({ inputs }) => inputs['name']))).toEqual(
      new Set([...topology.subscriptions.map(({ name }) => name), ...archives]),
    );
  });

  test('each topic has the subscribers of the topology, and at least one', () => {
    for (const topic of topology.topics) {
      const subscribers = subscriptions
        .filter(({ inputs }) => inputs['topic'] === idOf(topic.name) && inputs['pushConfig'] !== undefined)
        .map(({ inputs }) => inputs['name']);
      expect(subscribers.sort()).toEqual(
        topology.subscriptions
          .filter((subscription) => subscription.topic === topic)
          .map(({ name }) => name)
          .sort(),
      );
      expect(subscribers.length).toBeGreaterThan(0);
    }
  });

  test('each subscription has the dead letters of the topology, and the dead letters themselves have a subscriber', () => {
    for (const { name, deadLetter } of topology.subscriptions) {
      expect([name, named(name)['deadLetterPolicy']]).toEqual([
        name,
        deadLetter?.maxDeliveryAttempts === undefined
          ? undefined
          : { deadLetterTopic: idOf(deadLetter.topic.name), maxDeliveryAttempts: deadLetter.maxDeliveryAttempts },
      ]);
    }
    expect(subscriptions.some(({ inputs }) => inputs['topic'] === idOf(deadLetterTopic.name))).toBe(true);
    // A purchase, a link and a join each have one; what has none is said by name.
    const without = subscriptions
      .filter(({ inputs }) => inputs['pushConfig'] !== undefined && inputs['deadLetterPolicy'] === undefined)
      .map(({ inputs }) => inputs['topic']);
    expect(new Set(without)).toEqual(
      new Set(
        [deadLetterTopic, ...topology.topics.filter(({ retentionSeconds }) => retentionSeconds === 600)].map(
          ({ name }) => idOf(name),
        ),
      ),
    );
  });

  test('a subscription gets only the messages that it wants', () => {
    for (const { name, onlyWith } of topology.subscriptions)
      expect([name, named(name)['filter']]).toEqual([
        name,
        onlyWith === undefined ? undefined : `attributes:"${onlyWith}"`,
      ]);
    expect(named('join-tracker-purchase-events')['filter']).toBe('attributes:"membership"');
  });

  test('each push is signed as the push account, for the service that it goes to', () => {
    for (const { name, service, topic } of topology.subscriptions) {
      const url = `https://${service}-123456789012.asia-south1.run.app`;
      expect(named(name)['pushConfig']).toEqual({
        pushEndpoint: `${url}/pubsub/${topic.name}`,
        oidcToken: { serviceAccountEmail: 'pubsub-push@project-staging.iam.gserviceaccount.com', audience: url },
      });
    }
  });

  test('every number is that of the topology', () => {
    for (const topic of topology.topics) {
      const declared = topics.find(({ inputs }) => inputs['name'] === topic.name)?.inputs;
      expect(seconds(declared?.['messageRetentionDuration'])).toBe(topic.retentionSeconds);
    }
    for (const { name, ackDeadlineSeconds, minBackoffSeconds, maxBackoffSeconds, topic } of topology.subscriptions) {
      const { ackDeadlineSeconds: deadline, retryPolicy, messageRetentionDuration } = named(name);
      const { minimumBackoff, maximumBackoff } = retryPolicy as Record<string, unknown>;
      expect({
        deadline,
        minimum: seconds(minimumBackoff),
        maximum: seconds(maximumBackoff),
        retention: seconds(messageRetentionDuration),
      }).toEqual({
        deadline: ackDeadlineSeconds,
        minimum: minBackoffSeconds,
        maximum: maxBackoffSeconds,
        retention: topic.retentionSeconds,
      });
    }
  });

  test('an archive is pulled from, is pushed to nobody, and never moves a message away', () => {
    for (const { name, archiveSubscription, retentionSeconds } of topology.topics) {
      if (archiveSubscription === undefined) continue;
      expect(named(archiveSubscription)).toMatchObject({
        topic: idOf(name),
        messageRetentionDuration: `${retentionSeconds}s`,
        expirationPolicy: { ttl: '' },
      });
      for (const key of ['pushConfig', 'deadLetterPolicy']) expect(named(archiveSubscription)[key]).toBeUndefined();
    }
  });

  test('no subscription expires, and messages stay in the region', () => {
    for (const { inputs } of subscriptions) expect(inputs['expirationPolicy']).toEqual({ ttl: '' });
    for (const { inputs } of topics)
      expect(inputs['messageStoragePolicy']).toEqual({ allowedPersistenceRegions: ['asia-south1'] });
  });
});

describe('the queues', () => {
  test('have the rates of the topology, or those of the stack', async () => {
    const queues = withQueueRates(topology.queues, stackConfig().values);
    expect(system.ofType('gcp:cloudtasks/queue:Queue').map(({ inputs }) => inputs)).toMatchObject(
      queues.map(({ name, maxDispatchesPerSecond, maxConcurrentDispatches, minBackoffSeconds, maxBackoffSeconds }) => ({
        name,
        rateLimits: { maxDispatchesPerSecond, maxConcurrentDispatches },
        retryConfig: { minBackoff: `${minBackoffSeconds}s`, maxBackoff: `${maxBackoffSeconds}s` },
      })),
    );
    const slower = await declareOnMocks(
      stackConfig({ ...baseSettings, 'paid-community:TASKS_MAX_DISPATCHES_PER_SECOND': '0.5' }),
    );
    expect(slower.ofType('gcp:cloudtasks/queue:Queue')[0]?.inputs['rateLimits']).toEqual({
      maxDispatchesPerSecond: 0.5,
      maxConcurrentDispatches: 3 + WAITING_PER_BOT,
    });
  });

  test('never give a task up', () => {
    for (const { inputs } of system.ofType('gcp:cloudtasks/queue:Queue'))
      expect(inputs['retryConfig']).toMatchObject({ maxAttempts: -1 });
  });
});

test('the services are asked for a health check all the time', () => {
  const [job] = system.ofType('gcp:cloudscheduler/job:Job');
  expect(job?.inputs).toMatchObject({
    name: 'health-check',
    schedule: '*/10 * * * *',
    pubsubTarget: {
      topicName: idOf('health-checks'),
      data: Buffer.from('{}').toString('base64'),
      attributes: { type: 'ScheduledHealthCheck' },
    },
  });
});

test('a schedule that a cron expression cannot say is refused', () => {
  expect([1, 15, 60].map(cronOf)).toEqual(['*/1 * * * *', '*/15 * * * *', '0 * * * *']);
  expect(() => cronOf(7)).toThrow('every 7 minutes');
});
