import { expect, test } from '@jest/globals';
import type { ProcessConfig, RemoteTaskConfig } from '../../config/gcp-settings.ts';
import type { Queue } from '../../ports/topology-types.ts';
import { enqueuerOptions, executorOptions } from './gcp-options.ts';

const queue: Queue = {
  name: 'links',
  service: 'link-worker',
  maxDispatchesPerSecond: 1,
  maxConcurrentDispatches: 1,
  dispatchDeadlineSeconds: 15,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 1,
};
const beside: Queue = { ...queue, name: 'messages' };
const elsewhere: Queue = { ...queue, name: 'joins', service: 'join-tracker' };

const config = {
  BASE_URL: 'https://own.example',
  LINK_WORKER_URL: 'https://link-worker.example',
  PUSH_AUTHENTICATION: 'on',
  PUSH_SERVICE_ACCOUNT: 'push@example',
  TASKS_SERVICE_ACCOUNT: 'tasks@example',
  TASKS_QUEUE: 'links-2',
} as unknown as ProcessConfig & RemoteTaskConfig;

test('tasks go to the service of their queue and are signed by the account of the tasks; only one queue is renamed by TASKS_QUEUE', () => {
  const { tasks, taskCaller } = enqueuerOptions(config, queue);
  expect([queue, beside].map((each) => tasks?.targetUrl(each))).toEqual([
    config.LINK_WORKER_URL,
    config.LINK_WORKER_URL,
  ]);
  expect(() => tasks?.targetUrl(elsewhere)).toThrow('No setting says the URL of join-tracker');
  expect([queue, beside].map((each) => tasks?.queueId(each))).toEqual(['links-2', 'messages']);
  expect([tasks?.serviceAccount, taskCaller]).toEqual(['tasks@example', undefined]);
});

test('the service that executes tasks takes them under its own URL, and queues its follow-ups there', () => {
  const { tasks, taskCaller } = executorOptions(config, queue);
  expect(tasks?.targetUrl(queue)).toBe(config.BASE_URL);
  expect(taskCaller).toMatchObject({ serviceAccount: 'tasks@example', audience: config.BASE_URL });
});
