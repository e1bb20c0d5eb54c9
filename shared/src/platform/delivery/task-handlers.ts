import type { ReceivedTask } from '../ports/task-queue.ts';
import type { Queue } from '../ports/topology-types.ts';
import type { TaskDefinition } from './define-task.ts';
import { PermanentError } from '../ports/errors.ts';
import type { DeliveryOutcome } from './received-delivery.ts';

export interface TypedTaskHandler {
  readonly type: string;
  /** `content` is the payload, parsed; undefined when it is no JSON. */
  readonly handle: (content: unknown, task: ReceivedTask) => Promise<void>;
}

/**
 * @param handle May throw a PermanentError: the task becomes a dead letter. After any other error it is dispatched
 *   again.
 */
export function onTask<Data>(
  { type, read }: TaskDefinition<Data>,
  handle: (data: Data, task: ReceivedTask) => Promise<void>,
): TypedTaskHandler {
  return { type, handle: async (content, task) => handle(read(content), task) };
}

/**
 * Finds the handler by the type in the payload, or by the queue's default type.
 * @throws Error for a handler of a type that the queue does not declare. The function that it returns throws a
 *   PermanentError for a task of a type without a handler: a queue has one consumer, so nobody else wants it.
 */
export function handleTaskByType({
  queue,
  handlers,
}: {
  readonly queue: Queue;
  readonly handlers: readonly TypedTaskHandler[];
}): (content: unknown, task: ReceivedTask) => Promise<DeliveryOutcome> {
  const handles = new Map(handlers.map(({ type, handle }) => [type, handle]));
  for (const type of handles.keys())
    if (queue.types?.includes(type) !== true)
      throw new Error(`The queue ${queue.name} does not declare the type ${type}`);
  return async (content, task) => {
    const type = (content as { readonly type?: unknown } | null)?.type ?? queue.defaultType;
    const handle = typeof type === 'string' ? handles.get(type) : undefined;
    if (handle === undefined)
      throw new PermanentError(
        'invalid_task',
        `${queue.name} has no handler for the type ${typeof type === 'string' ? type.slice(0, 100) : '(none)'}`,
      );
    await handle(content, task);
    return { outcome: 'acknowledged' };
  };
}
