import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../../e2e/harness/http.ts';
import type { SystemProcess } from '../../e2e/harness/system-process.ts';
import type { World } from '../../e2e/harness/world.ts';

/** Between the end of a process and the start of the next one. */
const RESTART_PAUSE_MS = 20;

/**
 * The system of a world under a supervisor that starts it again whenever it ends, as systemd with Restart=always does.
 */
export class SupervisedSystem {
  readonly #world: World;
  #current: SystemProcess | undefined;
  #wanted = true;
  #starts = 0;
  readonly #watching: Promise<void>;

  constructor(world: World) {
    this.#world = world;
    this.#watching = this.#watch();
  }

  get starts(): number {
    return this.#starts;
  }

  /** SIGKILL to the process that runs, or is just starting. False when there is none. */
  async kill(): Promise<boolean> {
    const victim = this.#current;
    if (victim?.isRunning !== true) return false;
    await victim.kill();
    return true;
  }

  /** Resolves when the system answers, or when it has been told not to run. */
  async ready(): Promise<void> {
    while (this.#wanted) {
      const answer = await send(`${this.#world.url}/readyz`).catch(() => undefined);
      if (answer?.status === 200) return;
      await sleep(20);
    }
  }

  /** Ends the system as a power cut would, and starts none until `resume`. */
  async halt(): Promise<void> {
    this.#wanted = false;
    await this.kill();
    while (this.#current?.isRunning === true) await sleep(5);
  }

  resume(): void {
    this.#wanted = true;
  }

  /** Ends the supervisor; the system goes on as it is. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#watching;
  }

  #closed = false;

  async #watch(): Promise<void> {
    while (!this.#closed) {
      if (this.#wanted && this.#current?.isRunning !== true) {
        this.#current = this.#world.spawn();
        this.#starts += 1;
      }
      await sleep(RESTART_PAUSE_MS);
    }
  }
}
