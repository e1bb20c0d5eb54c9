import { formatTable } from '../table.ts';

export interface QueueState {
  readonly name: string;
  readonly state: 'running' | 'paused';
  readonly waiting?: number;
  readonly maxDispatchesPerSecond: number;
  readonly maxConcurrentDispatches: number;
}

export function describeQueues(queues: readonly QueueState[]): string {
  const rows = queues.map(({ name, state, waiting, maxDispatchesPerSecond, maxConcurrentDispatches }) => [
    name,
    state,
    waiting ?? 'unknown',
    maxDispatchesPerSecond,
    maxConcurrentDispatches,
  ]);
  return formatTable(['queue', 'state', 'waiting', 'per second', 'at once'], rows);
}
