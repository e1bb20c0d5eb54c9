import type { Queue } from '../../ports/topology-types.ts';

/** Path of the endpoint that takes the tasks of a queue. */
export function taskPath({ name, endpoint }: Pick<Queue, 'name' | 'endpoint'>): string {
  return endpoint ?? `/v1/tasks/${name}`;
}
