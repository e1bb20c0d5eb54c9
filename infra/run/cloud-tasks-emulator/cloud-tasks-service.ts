import { status, type UntypedServiceImplementation, type handleUnaryCall } from '@grpc/grpc-js';
import type { protos } from '@google-cloud/tasks';
import { EmulatedQueue, type QueueDeps } from './emulated-queue.ts';
import { completeQueueSettings, readQueue, writeQueue, type QueueOptions } from './queue-settings.ts';
import { checkLocationName, checkQueueName, parseTaskName } from './resource-names.ts';
import { StatusError, invalidArgument } from './status-error.ts';
import { readTask, writeTask, type Task } from './task.ts';

type Api = typeof protos.google.cloud.tasks.v2;
type Request<Name extends keyof Api> = Partial<InstanceType<Extract<Api[Name], new () => unknown>>>;

/** The queues and the calls on them. Calls that are not here are answered with UNIMPLEMENTED. */
export class CloudTasksService {
  readonly #queues = new Map<string, EmulatedQueue>();
  readonly #deps: QueueDeps;

  constructor(queues: readonly QueueOptions[], deps: QueueDeps) {
    this.#deps = deps;
    for (const options of queues) this.open(options);
  }

  /** @throws StatusError NOT_FOUND */
  queue(name: string): EmulatedQueue {
    const queue = this.#queues.get(name);
    if (queue === undefined)
      throw new StatusError(
        status.NOT_FOUND,
        'Queue does not exist. If you just created the queue, wait at least a minute for the queue to initialize.',
      );
    return queue;
  }

  get handlers(): UntypedServiceImplementation {
    return {
      createQueue: unary((request: Request<'CreateQueueRequest'>) => this.#createQueue(request)),
      getQueue: unary(({ name }: Request<'GetQueueRequest'>) => describe(this.queue(checkQueueName(name, 'name')))),
      pauseQueue: unary(({ name }: Request<'PauseQueueRequest'>) => this.#change(name, (queue) => queue.pause())),
      resumeQueue: unary(({ name }: Request<'ResumeQueueRequest'>) => this.#change(name, (queue) => queue.resume())),
      purgeQueue: unary(({ name }: Request<'PurgeQueueRequest'>) => this.#change(name, (queue) => queue.purge())),
      createTask: unary((request: Request<'CreateTaskRequest'>) => this.#createTask(request)),
      getTask: unary((request: Request<'GetTaskRequest'>) =>
        writeTask(this.#task(request.name), viewIn(request.responseView)),
      ),
      deleteTask: unary(({ name }: Request<'DeleteTaskRequest'>) => {
        const { queue, id } = parseTaskName(name, 'name');
        if (!this.queue(queue).delete(id)) throw noSuchTask();
        return {};
      }),
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  /** @throws StatusError ALREADY_EXISTS */
  open(options: QueueOptions): EmulatedQueue {
    const settings = completeQueueSettings(options);
    const name = checkQueueName(settings.name, 'queue.name');
    if (this.#queues.has(name)) throw new StatusError(status.ALREADY_EXISTS, 'Queue already exists');
    const queue = new EmulatedQueue(settings, this.#deps);
    this.#queues.set(name, queue);
    return queue;
  }

  #createQueue({ parent, queue }: Request<'CreateQueueRequest'>): object {
    const location = checkLocationName(parent, 'parent');
    if (!queue) throw invalidArgument('queue', 'must be set');
    const name = checkQueueName(queue.name, 'queue.name');
    if (!name.startsWith(`${location}/`))
      throw invalidArgument('queue.name', 'must begin with the location that is the parent');
    return describe(this.open(readQueue(name, queue)));
  }

  #change(name: string | undefined, change: (queue: EmulatedQueue) => void): object {
    const queue = this.queue(checkQueueName(name, 'name'));
    change(queue);
    return describe(queue);
  }

  #createTask({ parent, task, responseView }: Request<'CreateTaskRequest'>): object {
    const name = checkQueueName(parent, 'parent');
    if (!task) throw invalidArgument('task', 'must be set');
    const created = readTask(name, task, this.#deps.clock.now());
    this.queue(name).add(created);
    return writeTask(created, viewIn(responseView));
  }

  #task(name: string | undefined): Task {
    const { queue, id } = parseTaskName(name, 'name');
    const task = this.queue(queue).get(id);
    if (task === undefined) throw noSuchTask();
    return task;
  }
}

function noSuchTask(): StatusError {
  return new StatusError(status.NOT_FOUND, 'The task does not exist; it may have been executed or deleted');
}

function describe(queue: EmulatedQueue): object {
  return writeQueue(queue.settings, queue.state);
}

function viewIn(view: unknown): 'BASIC' | 'FULL' {
  return view === 'FULL' ? 'FULL' : 'BASIC';
}

function unary<T>(answer: (request: T) => object): handleUnaryCall<T, object> {
  return (call, callback) => {
    try {
      callback(null, answer(call.request));
    } catch (error) {
      const known = error instanceof StatusError;
      callback({
        code: known ? error.code : status.INTERNAL,
        details: known ? error.message : `The test server failed: ${String(error)}`,
      });
    }
  };
}
