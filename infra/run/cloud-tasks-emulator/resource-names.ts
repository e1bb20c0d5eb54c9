import { randomInt } from 'node:crypto';
import { invalidArgument } from './status-error.ts';

const LOCATION = 'projects/[A-Za-z0-9.:-]+/locations/[A-Za-z0-9-]+';
const QUEUE = `${LOCATION}/queues/[A-Za-z0-9-]{1,100}`;
const LOCATION_NAME = new RegExp(`^${LOCATION}$`);
const QUEUE_NAME = new RegExp(`^${QUEUE}$`);
const TASK_NAME = new RegExp(`^(?<queue>${QUEUE})/tasks/(?<id>[A-Za-z0-9_-]{1,500})$`);

export function checkLocationName(name: string | null | undefined, field: string): string {
  if (LOCATION_NAME.test(name ?? '')) return name ?? '';
  throw invalidArgument(field, 'must be projects/PROJECT_ID/locations/LOCATION_ID');
}

export function checkQueueName(name: string | null | undefined, field: string): string {
  if (QUEUE_NAME.test(name ?? '')) return name ?? '';
  throw invalidArgument(
    field,
    'must be projects/PROJECT_ID/locations/LOCATION_ID/queues/QUEUE_ID, the queue id 1 to 100 letters, digits and hyphens',
  );
}

export function parseTaskName(
  name: string | null | undefined,
  field: string,
): { readonly queue: string; readonly id: string } {
  const groups = TASK_NAME.exec(name ?? '')?.groups;
  if (groups?.['queue'] !== undefined && groups['id'] !== undefined)
    return { queue: groups['queue'], id: groups['id'] };
  throw invalidArgument(
    field,
    'must be QUEUE_NAME/tasks/TASK_ID, the task id 1 to 500 letters, digits, hyphens and underscores',
  );
}

/** As the real service does it: a long number. */
export function newTaskId(): string {
  return Array.from({ length: 19 }, () => String(randomInt(1, 10))).join('');
}
