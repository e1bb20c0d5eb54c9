import { createHash } from 'node:crypto';
import type { v2 } from '@google-cloud/tasks';
import type { Clock } from '../../ports/clock.ts';
import type { QueueAdministration, QueueDescription } from '../../ports/queue-administration.ts';
import type { OutgoingTask, TaskQueue } from '../../ports/task-queue.ts';
import type { Queue } from '../../ports/topology-types.ts';
import { checkTask } from '../task-limits.ts';
import { callOptions, CALL_DEADLINE_MS } from './call-limits.ts';
import { connected, connectionOptions } from './connection.ts';
import { toTimestamp } from './google-timestamp.ts';
import { LazyClient } from './lazy-client.ts';
import { Monitoring, type MonitoringOptions } from './monitoring.ts';
import { statusOf } from './port-error.ts';
import { TASK_NAME_HEADER } from './task-endpoint.ts';
import { taskPath } from './task-path.ts';

export interface CloudTasksOptions {
  readonly projectId: string;
  readonly emulatorHost: string | undefined;
  readonly location: string;
  /** Id of the Cloud Tasks queue behind a queue of the topology. */
  readonly queueId: (queue: Queue) => string;
  /** Root URL of the service that executes the tasks of a queue, and the audience of their tokens. */
  readonly targetUrl: (queue: Queue) => string;
  /** The account that signs the tasks; undefined sends them unsigned, for emulators. */
  readonly serviceAccount: string | undefined;
}

/** TaskQueue on Cloud Tasks; each task is an HTTP call of the endpoint of its queue. */
export class CloudTasksQueue implements TaskQueue, QueueAdministration {
  readonly #options: CloudTasksOptions;
  readonly #clock: Clock;
  readonly #monitoring: Monitoring | undefined;
  readonly #client: LazyClient<v2.CloudTasksClient>;

  constructor(options: CloudTasksOptions & Pick<MonitoringOptions, 'apiRoot' | 'authorize'>, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#monitoring = options.emulatorHost === undefined ? new Monitoring(options, clock) : undefined;
    this.#client = new LazyClient(
      () => openTasksClient(options),
      (client) => client.close(),
    );
  }

  async enqueue(queue: Queue, task: OutgoingTask): Promise<'created' | 'exists'> {
    checkTask(task, this.#clock.now());
    const { serviceAccount } = this.#options;
    const target = this.#options.targetUrl(queue);
    const parent = this.#path(queue);
    const request = {
      parent,
      task: {
        name: `${parent}/tasks/${taskId(task.name)}`,
        dispatchDeadline: { seconds: queue.dispatchDeadlineSeconds },
        ...(task.notBefore === undefined ? {} : { scheduleTime: toTimestamp(task.notBefore) }),
        httpRequest: {
          url: `${target}${taskPath(queue)}`,
          httpMethod: 'POST' as const,
          headers: { 'Content-Type': 'text/plain; charset=utf-8', [TASK_NAME_HEADER]: task.name },
          body: Buffer.from(task.payload),
          ...(serviceAccount === undefined
            ? {}
            : { oidcToken: { serviceAccountEmail: serviceAccount, audience: target } }),
        },
      },
    };
    return this.#client.call(`Enqueuing to ${queue.name}`, async (client) => {
      try {
        await client.createTask(request, callOptions());
        return 'created';
      } catch (error) {
        if (statusOf(error) === 'already_exists') return 'exists';
        throw error;
      }
    });
  }

  async describe(queue: Queue): Promise<QueueDescription> {
    const [[{ state, rateLimits }], depth] = await Promise.all([
      this.#client.call(`Looking at ${queue.name}`, (client) =>
        client.getQueue({ name: this.#path(queue) }, callOptions()),
      ),
      this.#monitoring?.latest('cloudtasks.googleapis.com/queue/depth', { queue_id: this.#options.queueId(queue) }),
    ]);
    return {
      // A queue that was disabled is as good as paused.
      state: state === 'RUNNING' ? 'running' : 'paused',
      maxDispatchesPerSecond: rateLimits?.maxDispatchesPerSecond ?? queue.maxDispatchesPerSecond,
      maxConcurrentDispatches: rateLimits?.maxConcurrentDispatches ?? queue.maxConcurrentDispatches,
      waiting: depth?.value,
    };
  }

  async pause(queue: Queue): Promise<void> {
    await this.#client.call(`Pausing ${queue.name}`, (client) =>
      client.pauseQueue({ name: this.#path(queue) }, callOptions()),
    );
  }

  async resume(queue: Queue): Promise<void> {
    await this.#client.call(`Resuming ${queue.name}`, (client) =>
      client.resumeQueue({ name: this.#path(queue) }, callOptions()),
    );
  }

  /** @throws RetryableError unless the channel to Cloud Tasks is up. */
  async checkReady(): Promise<void> {
    await this.#client.call('Connecting to Cloud Tasks', (client) => connected(client.initialize(), CALL_DEADLINE_MS));
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #path(queue: Queue): string {
    const { projectId, location, queueId } = this.#options;
    return `projects/${projectId}/locations/${location}/queues/${queueId(queue)}`;
  }
}

/**
 * Cloud Tasks spreads tasks by their names, so names that follow one another make it slow
 * (https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler); a hash has no order, and only letters that
 * are allowed.
 */
function taskId(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

async function openTasksClient({ projectId, emulatorHost }: CloudTasksOptions): Promise<v2.CloudTasksClient> {
  const { v2: clients } = await import('@google-cloud/tasks');
  return new clients.CloudTasksClient(await connectionOptions(projectId, emulatorHost));
}
