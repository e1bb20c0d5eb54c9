import type { PlaceInLine } from '@paid-community/link-worker/bots/turns/community-lines.ts';
import { Heap } from './heap.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface FleetTask {
  readonly community: number;
  readonly queuedAt: number;
  readonly deferrals: number;
  readonly line?: PlaceInLine | undefined;
}

/** The queue in front of link-worker: by due time, under its two limits. */
export class VirtualQueue {
  readonly #clock: VirtualClock;
  readonly #limits: { readonly perSecond: number; readonly atOnce: number };
  readonly #handle: (task: FleetTask) => Promise<void>;
  readonly #waiting = new Heap<FleetTask>();
  #underWay = 0;
  #freeAt = 0;
  #wakesAt = Infinity;
  dispatches = 0;

  constructor(
    clock: VirtualClock,
    limits: { readonly perSecond: number; readonly atOnce: number },
    handle: (task: FleetTask) => Promise<void>,
  ) {
    this.#clock = clock;
    this.#limits = limits;
    this.#handle = handle;
  }

  enqueue(task: FleetTask, dueAt: number): void {
    this.#waiting.push(Math.ceil(dueAt), task);
    this.#wake();
  }

  #wake(): void {
    const at = Math.max(this.#clock.now(), this.#waiting.nextAt, this.#freeAt);
    if (at >= this.#wakesAt || at === Infinity) return;
    this.#wakesAt = at;
    this.#clock.at(at, () => {
      if (this.#wakesAt === at) this.#wakesAt = Infinity;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    const now = this.#clock.now();
    while (this.#underWay < this.#limits.atOnce && this.#waiting.nextAt <= now && this.#freeAt <= now) {
      const task = this.#waiting.pop();
      if (task === undefined) return;
      this.#freeAt = Math.max(this.#freeAt, now - 200) + 1_000 / this.#limits.perSecond;
      this.#underWay += 1;
      this.dispatches += 1;
      void this.#handle(task).finally(() => {
        this.#underWay -= 1;
        this.#wake();
      });
    }
    if (this.#underWay < this.#limits.atOnce) this.#wake();
  }
}
