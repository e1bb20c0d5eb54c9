import { status } from '@grpc/grpc-js';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { DispatchRate } from './dispatch-rate.ts';
import { postTask, type Outcome } from './post-task.ts';
import type { QueueSettings } from './queue-settings.ts';
import { backoffMs, isGivenUp, retryAfterMs } from './retry-schedule.ts';
import { Schedule } from './schedule.ts';
import { StatusError } from './status-error.ts';
import { dispatchHeaders, type Task } from './task.ts';

/**
 * "can't be created for ~1hour after the original task was deleted or executed" (CreateTaskRequest.task in
 * cloudtasks.proto).
 */
const NAME_BLOCKED_MS = 3_600_000;

export interface QueueDeps {
  readonly clock: Clock;
  /** See EmulatorOptions. */
  readonly dispatchAgain: (task: {
    readonly queue: string;
    readonly id: string;
    readonly dispatches: number;
  }) => boolean;
}

/** One queue: its tasks, in memory, and the loop that dispatches them. */
export class EmulatedQueue {
  readonly settings: QueueSettings;
  readonly #deps: QueueDeps;
  readonly #rate: DispatchRate;
  readonly #tasks = new Map<string, Task>();
  readonly #schedule = new Schedule();
  /** Ids of tasks that are gone, and until when they are blocked; oldest first. */
  readonly #blocked = new Map<string, number>();
  readonly #closing = new AbortController();
  readonly #loop: Promise<void>;
  #underWay = 0;
  #paused = false;
  #nap = new AbortController();

  constructor(settings: QueueSettings, deps: QueueDeps) {
    this.settings = settings;
    this.#deps = deps;
    this.#rate = new DispatchRate(settings, deps.clock);
    this.#loop = this.#run();
  }

  get state(): 'RUNNING' | 'PAUSED' {
    return this.#paused ? 'PAUSED' : 'RUNNING';
  }

  /** Tasks that are not finished. */
  get size(): number {
    return this.#tasks.size;
  }

  /** Share of the configured rate that is in force. */
  get speed(): number {
    return this.#rate.speed;
  }

  /** @throws StatusError ALREADY_EXISTS */
  add(task: Task): void {
    const nowMs = this.#deps.clock.now();
    for (const [id, untilMs] of this.#blocked) {
      if (untilMs > nowMs) break;
      this.#blocked.delete(id);
    }
    if (this.#tasks.has(task.id)) throw new StatusError(status.ALREADY_EXISTS, 'Requested entity already exists');
    if (this.#blocked.has(task.id)) {
      throw new StatusError(
        status.ALREADY_EXISTS,
        'The task cannot be created because a task with this name existed too recently',
      );
    }
    this.#tasks.set(task.id, task);
    this.#schedule.add(task);
    this.#wake();
  }

  get(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  /** Returns whether it was there. */
  delete(id: string): boolean {
    const task = this.#tasks.get(id);
    if (task === undefined) return false;
    this.#schedule.remove(task);
    this.#forget(task);
    return true;
  }

  purge(): void {
    this.#schedule.clear();
    for (const task of this.#tasks.values()) this.#forget(task);
  }

  /** Attempts under way go on. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  /** Cuts attempts under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const attempts = new Set<Promise<void>>();
    while (!this.#closing.signal.aborted) {
      const waitMs = this.#waitMs();
      if (waitMs > 0) {
        this.#nap = new AbortController();
        await this.#deps.clock.sleep(waitMs, this.#nap.signal);
        continue;
      }
      const task = this.#schedule.takeNext();
      if (task === undefined) continue;
      this.#rate.take();
      this.#underWay += 1;
      const attempt = this.#attempt(task).finally(() => {
        attempts.delete(attempt);
        this.#underWay -= 1;
        this.#wake();
      });
      attempts.add(attempt);
    }
    await Promise.all(attempts);
  }

  /** 0: the next task can be dispatched now. */
  #waitMs(): number {
    const { next } = this.#schedule;
    if (this.#paused || next === undefined || this.#underWay >= this.settings.maxConcurrentDispatches) return Infinity;
    return Math.max(next.dueAtMs - this.#deps.clock.now(), this.#rate.waitMs());
  }

  #wake(): void {
    this.#nap.abort();
  }

  async #attempt(task: Task): Promise<void> {
    const { clock } = this.#deps;
    const headers = dispatchHeaders(task);
    task.dispatches += 1;
    task.firstDispatchAtMs ??= clock.now();
    const cut = new AbortController();
    const answered = new AbortController();
    const onClose = (): void => cut.abort();
    this.#closing.signal.addEventListener('abort', onClose);
    const deadline = clock.sleep(task.deadlineMs, answered.signal).then(onClose);
    const outcome = await postTask({ ...task, headers }, cut.signal);
    answered.abort();
    await deadline;
    this.#closing.signal.removeEventListener('abort', onClose);
    if (!task.deleted && !this.#closing.signal.aborted) this.#conclude(task, outcome);
  }

  #conclude(task: Task, outcome: Outcome): void {
    const nowMs = this.#deps.clock.now();
    const answer = outcome.kind === 'answered' ? outcome.status : undefined;
    if (answer !== undefined) task.responses += 1;
    if (answer !== undefined && answer < 500) task.executions += 1;
    if (answer === 429 || answer === 503) this.#rate.slowDown();
    const succeeded = answer !== undefined && answer >= 200 && answer < 300;
    if (succeeded && !this.#deps.dispatchAgain({ queue: task.queue, id: task.id, dispatches: task.dispatches })) {
      this.#forget(task);
      return;
    }
    const retriedForMs = nowMs - (task.firstDispatchAtMs ?? nowMs);
    if (!succeeded && isGivenUp(this.settings, { attempts: task.dispatches, retriedForMs })) {
      this.#forget(task);
      return;
    }
    task.previous = {
      status: answer,
      reason: outcome.kind === 'answered' ? `HTTP status code ${outcome.status}` : outcome.reason,
    };
    const askedForMs = outcome.kind === 'answered' ? retryAfterMs(outcome.retryAfter, nowMs) : 0;
    task.dueAtMs = nowMs + Math.max(askedForMs, backoffMs(task.dispatches, this.settings));
    this.#schedule.add(task);
  }

  #forget(task: Task): void {
    task.deleted = true;
    this.#tasks.delete(task.id);
    this.#blocked.set(task.id, this.#deps.clock.now() + NAME_BLOCKED_MS);
  }
}
