import type { MoveRecord } from '@paid-community/shared/platform/backends/embedded/move-record.ts';
import type { StoppedStore } from '@paid-community/shared/platform/backends/embedded/stopped-store.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { inOrder, keepTrying } from './pace.ts';
import { movedTopics } from './what-moves.ts';

export interface QueuedDeps {
  readonly store: StoppedStore;
  readonly clock: Clock;
  readonly progress: (done: number) => void;
  readonly save: (record: MoveRecord) => void;
}

/**
 * One page at a time, so that a repeat after a kill sends no more than a page again. A task has its name there, and is
 * then found there.
 */
export async function moveTasks(
  record: MoveRecord,
  { store, clock, progress, save, taskQueue }: QueuedDeps & { readonly taskQueue: TaskQueue },
): Promise<void> {
  for (const queue of topology.queues) {
    await inOrder(
      store.tasks(queue, record.tasks[queue.name]),
      1,
      async ({ rows }) => {
        await Promise.all(rows.map((task) => keepTrying(() => taskQueue.enqueue(queue, task), clock)));
      },
      ({ rows, upTo }) => {
        record.tasks[queue.name] = upTo;
        save(record);
        progress(rows.length);
      },
    );
  }
}

/**
 * A message that is published twice is the same event twice, which every handler bears; so is one that one of its
 * subscriptions has had.
 */
export async function moveMessages(
  record: MoveRecord,
  { store, clock, progress, save, eventBus }: QueuedDeps & { readonly eventBus: EventBus },
): Promise<void> {
  for (const topic of movedTopics) {
    await inOrder(
      store.messages(topic, record.messages[topic.name]),
      1,
      async ({ rows }) => {
        await Promise.all(rows.map((message) => keepTrying(() => eventBus.publish(topic, message), clock)));
      },
      ({ rows, upTo }) => {
        record.messages[topic.name] = upTo;
        save(record);
        progress(rows.length);
      },
    );
  }
}
