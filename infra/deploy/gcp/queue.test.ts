import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  approvalQueue,
  inviteQueue,
  memberQueue,
  operatorQueue,
  poolQueue,
} from '@paid-community/shared/model/queues.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { Queue } from '@paid-community/shared/platform/ports/topology-types.ts';
import { WAITING_PER_BOT } from '@paid-community/shared/queue-rates.ts';
import { joinTracker, linkWorker, topology } from '@paid-community/shared/topology.ts';
import { declareOnMocks, type DeclaredSystem } from './testing/declared-system.ts';
import { stackConfig, WHOLE } from './testing/stack-configs.ts';

const another: Queue<ServiceName> = {
  name: 'another-queue',
  service: joinTracker,
  maxDispatchesPerSecond: 7,
  maxConcurrentDispatches: 3,
  dispatchDeadlineSeconds: 15,
  minBackoffSeconds: 2,
  maxBackoffSeconds: 20,
};
const third: Queue<ServiceName> = { ...another, name: 'third-queue', service: linkWorker };

/** Of each bot one call is under way, and some wait; two tasks more are told when their turn is. */
const roomFor = (bots: number): number => bots * (1 + WAITING_PER_BOT) + 2;

const ownRates = ({ maxDispatchesPerSecond, maxConcurrentDispatches }: Queue): object => ({
  maxDispatchesPerSecond,
  maxConcurrentDispatches,
});

/** How much an instance of link-worker does at once. */
function concurrency(system: DeclaredSystem): number {
  const services = system.ofType('gcp:cloudrunv2/service:Service');
  const template = services.find(({ inputs }) => inputs['name'] === linkWorker)?.inputs['template'];
  return (template as { readonly maxInstanceRequestConcurrency: number }).maxInstanceRequestConcurrency;
}

describe('further queues', () => {
  let own: DeclaredSystem;
  let more: DeclaredSystem;

  beforeAll(async () => {
    const config = stackConfig({ ...WHOLE, 'paid-community:TASKS_MAX_DISPATCHES_PER_SECOND': '0.5' });
    own = await declareOnMocks(config);
    more = await declareOnMocks(config, [...topology.queues, another, third]);
  });

  test('have rates of their own, beside the settings of the one in front of Telegram', () => {
    const queues = more.ofType('gcp:cloudtasks/queue:Queue');
    expect(queues.map(({ inputs }) => [inputs['name'], inputs['rateLimits']])).toEqual([
      [inviteQueue.name, { maxDispatchesPerSecond: 0.5, maxConcurrentDispatches: roomFor(1) }],
      [approvalQueue.name, ownRates(approvalQueue)],
      [memberQueue.name, ownRates(memberQueue)],
      [operatorQueue.name, ownRates(operatorQueue)],
      [poolQueue.name, ownRates(poolQueue)],
      ['another-queue', { maxDispatchesPerSecond: 7, maxConcurrentDispatches: 3 }],
      ['third-queue', { maxDispatchesPerSecond: 7, maxConcurrentDispatches: 3 }],
    ]);
    const added = queues.find(({ inputs }) => inputs['name'] === another.name);
    expect(added?.inputs['retryConfig']).toMatchObject({ minBackoff: '2s', maxBackoff: '20s', maxAttempts: -1 });
  });

  test('are called by the account of the tasks: it has one role for all queues of a service, and none for the public ones', () => {
    const tasks = 'serviceAccount:cloud-tasks@project-staging.iam.gserviceaccount.com';
    const invoked = more
      .ofType('gcp:cloudrunv2/serviceIamMember:ServiceIamMember')
      .filter(({ inputs }) => inputs['member'] === tasks);
    expect(invoked.map(({ inputs }) => inputs['name'])).toEqual([linkWorker]);
  });

  test('are filled by the services that queue tasks', () => {
    const enqueuers = (queue: string): readonly unknown[] =>
      more
        .ofType('gcp:cloudtasks/queueIamMember:QueueIamMember')
        .filter(({ inputs }) => inputs['name'] === queue && inputs['role'] === 'roles/cloudtasks.enqueuer')
        .map(({ inputs }) => inputs['member']);
    expect(enqueuers('another-queue')).toEqual(enqueuers(inviteQueue.name));
    expect(enqueuers('another-queue')).toHaveLength(3);
  });

  test('count into how much an instance of their service does at once', () => {
    expect(concurrency(more)).toBe(concurrency(own) + third.maxConcurrentDispatches);
  });

  test('the queue in front of Telegram has room for each bot of the stack, and so has an instance of its service', async () => {
    const twenty = await declareOnMocks(
      stackConfig({
        ...WHOLE,
        'paid-community:TASKS_MAX_DISPATCHES_PER_SECOND': '0.5',
        'paid-community:bots': '20',
        'paid-community:secretVersions': '{"TELEGRAM_BOT_TOKENS":"1"}',
      }),
    );
    const [queue] = twenty.ofType('gcp:cloudtasks/queue:Queue');
    expect(queue?.inputs['rateLimits']).toEqual({ maxDispatchesPerSecond: 10, maxConcurrentDispatches: roomFor(20) });
    expect(concurrency(twenty)).toBe(concurrency(own) + roomFor(20) - roomFor(1));
  });
});
