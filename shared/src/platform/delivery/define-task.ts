import type { Static, TSchema } from 'typebox';
import type { OutgoingTask } from '../ports/task-queue.ts';
import type { Queue } from '../ports/topology-types.ts';
import { compileValidator, summarizeIssues } from '../validation/validator.ts';
import { PermanentError } from '../ports/errors.ts';
import { readTaskPayload } from './task-payload.ts';

/** The data with `undefined` allowed where a field may be absent: JSON leaves it out. */
type Given<Data> = { readonly [Key in keyof Data]: object extends Pick<Data, Key> ? Data[Key] | undefined : Data[Key] };

/** One type of task: its name, its queue, its schema, and how to make and read it. */
export interface TaskDefinition<Data> {
  readonly type: string;
  readonly queue: Queue;
  /** Of its data. The payload of a type that is not the default of its queue has `type` besides. */
  readonly schema: TSchema;
  /** A value, so that a decision can return it: its caller queues it. */
  readonly toQueueTask: (data: Given<Data>, notBefore?: Date) => OutgoingTask;
  /** @throws PermanentError when the payload is no such task. */
  readonly parse: (payload: string) => Data;
  /** The same for a payload that was parsed before; undefined when it is no JSON. */
  readonly read: (content: unknown) => Data;
}

export function defineTask<DataSchema extends TSchema>(definition: {
  /** Imperative, kebab-case. */
  readonly type: string;
  readonly queue: Queue;
  /** With `traceparent` at the top level, if the task is to continue a trace. */
  readonly data: DataSchema;
  /**
   * The name that de-duplicates, made of what the task is: a delivery that comes again queues the same task, and that
   * becomes one.
   */
  readonly nameOf: (data: Given<Static<DataSchema>>) => string;
}): TaskDefinition<Static<DataSchema>> {
  type Data = Static<DataSchema>;
  const { type, queue, nameOf } = definition;
  if (queue.types?.includes(type) !== true)
    throw new Error(`The queue ${queue.name} does not declare the type ${type}`);
  const validate = compileValidator(definition.data);
  const isDefault = queue.defaultType === type;
  const read = (content: unknown): Data => {
    if (content === undefined) throw new PermanentError('invalid_task', 'The task payload is not JSON');
    const result = validate(content);
    if (!result.valid)
      throw new PermanentError('invalid_task', `Not a ${type} task: ${summarizeIssues(result.issues)}`);
    return result.value;
  };
  const toQueueTask = (data: Given<Data>, notBefore?: Date): OutgoingTask => ({
    name: nameOf(data),
    payload: JSON.stringify(isDefault ? data : { type, ...(data as object) }),
    notBefore,
  });
  return {
    type,
    queue,
    schema: definition.data,
    toQueueTask,
    parse: (payload) => read(readTaskPayload(payload).content),
    read,
  };
}
