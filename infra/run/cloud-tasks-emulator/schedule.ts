import type { Task } from './task.ts';

/** Tasks in the order in which they are due. */
export class Schedule {
  /** Latest first: the next one is taken from the end. */
  #tasks: Task[] = [];

  get next(): Task | undefined {
    return this.#tasks.at(-1);
  }

  /** Behind those that are due at the same time. */
  add(task: Task): void {
    let low = 0;
    let high = this.#tasks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#tasks[middle]?.dueAtMs ?? 0) > task.dueAtMs) low = middle + 1;
      else high = middle;
    }
    this.#tasks.splice(low, 0, task);
  }

  takeNext(): Task | undefined {
    return this.#tasks.pop();
  }

  remove(task: Task): void {
    this.#tasks = this.#tasks.filter((other) => other !== task);
  }

  clear(): void {
    this.#tasks = [];
  }
}
