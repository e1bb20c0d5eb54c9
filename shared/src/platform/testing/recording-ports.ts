import type { EventBus, OutgoingMessage } from '../ports/event-bus.ts';
import type { OutgoingTask, TaskQueue } from '../ports/task-queue.ts';
import type { Topic } from '../ports/topology-types.ts';

/** Keeps what is published, for a test to look at; delivers nothing. */
export class RecordingEventBus implements EventBus {
  readonly published: { readonly topic: string; readonly message: OutgoingMessage }[] = [];
  /** The next publish fails with this. */
  failNext: Error | undefined;

  publish(topic: Topic, message: OutgoingMessage): Promise<string> {
    const failure = this.failNext;
    this.failNext = undefined;
    if (failure !== undefined) return Promise.reject(failure);
    this.published.push({ topic: topic.name, message });
    return Promise.resolve(String(this.published.length));
  }

  seek(): Promise<void> {
    return Promise.reject(new Error('Nothing is delivered, so there is nothing to deliver again'));
  }

  /** The events of a topic, parsed. */
  eventsOn(topic: Topic): readonly Record<string, unknown>[] {
    return this.published
      .filter((entry) => entry.topic === topic.name)
      .map((entry) => JSON.parse(entry.message.data) as Record<string, unknown>);
  }
}

/** Keeps what is queued, once for each name; dispatches nothing. */
export class RecordingTaskQueue implements TaskQueue {
  readonly tasks: OutgoingTask[] = [];
  /** The next task is not queued, and fails with this. */
  failNext: Error | undefined;

  enqueue(_queue: unknown, task: OutgoingTask): Promise<'created' | 'exists'> {
    const failure = this.failNext;
    this.failNext = undefined;
    if (failure !== undefined) return Promise.reject(failure);
    if (this.tasks.some((known) => known.name === task.name)) return Promise.resolve('exists');
    this.tasks.push(task);
    return Promise.resolve('created');
  }
}
