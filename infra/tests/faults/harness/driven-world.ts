import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../../e2e/harness/http.ts';
import type { CrashPoint } from '../../e2e/harness/crash-point.ts';
import type { SystemProcess } from '../../e2e/harness/system-process.ts';
import type { World } from '../../e2e/harness/world.ts';
import type { DrivenClock } from '../../e2e/harness/driven-clock.ts';
import type { Drive, Driven, DrivenStart } from './driven-protocol.ts';

const PROGRAM = 'infra/tests/faults/harness/driven-system.ts';
/** What waits for its time is given time in steps that grow like this, one after the other. */
const PATIENCE_SEC = [1, 2, 5, 10, 20, 30, 60, 60, 120, 120, 300, 300];

/** One that is killed before it is ready is none of a system that cannot start. */
const MOST_FAILED_STARTS = 10;

/** A world whose time a test moves, and its system, which is started again whenever it ends. */
export class DrivenWorld {
  readonly #world: World;
  readonly #clock: DrivenClock;
  readonly #repeats: number;
  #process: SystemProcess | undefined;
  #isReady = false;
  #number = 0;
  #answer: ((driven: Driven) => void) | undefined;
  #wrongByMs = 0;
  #crashAt: CrashPoint | undefined;
  starts = 0;
  #failedStarts = 0;
  #problem: string | undefined;
  #isWanted = false;

  /** `clock` is that of the world's simulators. */
  constructor(world: World, clock: DrivenClock, repeats: number) {
    this.#world = world;
    this.#clock = clock;
    this.#repeats = repeats;
  }

  /** The true time. */
  get nowMs(): number {
    return this.#clock.now();
  }

  /** What the clock of the system is ahead of the true time. */
  get wrongByMs(): number {
    return this.#wrongByMs;
  }

  setWrongBy(ms: number): void {
    this.#wrongByMs = ms;
  }

  get isRunning(): boolean {
    return this.#process?.isRunning === true;
  }

  /** Resolves when the system can be called. @throws when it cannot start. */
  async running(): Promise<void> {
    while (this.#isWanted && !(this.isRunning && this.#isReady && (await answers(this.#world.url)))) {
      if (this.#problem !== undefined) throw new Error(`The system does not start: ${this.#problem}`);
      await sleep(5);
    }
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** The next process ends itself there, once. */
  crashNext(point: CrashPoint): void {
    this.#crashAt = point;
  }

  /** It is down, and stays so until `resume`: at the end of a test, for ever. */
  async halt(): Promise<void> {
    this.#isWanted = false;
    await this.kill();
  }

  /** It runs, and is started again whenever it ends. */
  resume(): void {
    this.#isWanted = true;
    if (!this.isRunning) this.#start();
  }

  /** Time passes, and nothing waits for the system. */
  advanceTo(atMs: number): void {
    this.#clock.advanceTo(this.#clock.aheadMs + Math.max(0, atMs - this.nowMs));
    this.#world.telegram.clockOffsetMs = this.#clock.aheadMs;
    this.#world.webengage.clockOffsetMs = this.#clock.aheadMs;
  }

  /**
   * Time passes until then; the system does what is to be done, and what waits is given some time more. Returns how much
   * waits for longer. Where the process ends meanwhile, another one goes on.
   */
  async drive(atMs: number, ticks: boolean, disturb?: () => Promise<void>): Promise<number> {
    this.advanceTo(atMs);
    if (!this.#isWanted) return 0;
    let waiting = 0;
    let isTicked = !ticks;
    for (const patienceSec of [0, ...PATIENCE_SEC]) {
      if (patienceSec > 0) this.advanceTo(this.nowMs + patienceSec * 1_000);
      for (;;) {
        await this.running();
        const [driven] = await Promise.all([this.#tell(!isTicked), disturb?.()]);
        disturb = undefined;
        if (driven === undefined) continue;
        isTicked = true;
        waiting = driven.waiting + this.#world.telegram.updates.pendingCount;
        if (this.#world.telegram.updates.pendingCount === 0) break;
        await sleep(2);
      }
      if (waiting === 0) return 0;
    }
    return waiting;
  }

  /** Undefined when the process ended before it answered. */
  async #tell(ticks: boolean): Promise<Driven | undefined> {
    const process = this.#process;
    if (process === undefined) return undefined;
    const { aheadMs } = this.#clock;
    const drive: Drive = { number: ++this.#number, aheadMs, wrongByMs: this.#wrongByMs, ticks };
    const answered = new Promise<Driven>((resolve) => {
      this.#answer = (driven) => {
        if (driven.number === drive.number) resolve(driven);
      };
    });
    process.tell(drive);
    return Promise.race([answered, process.exited.then(() => undefined)]);
  }

  #start(): void {
    this.#isReady = false;
    const { aheadMs } = this.#clock;
    const crashAt = this.#crashAt;
    this.#crashAt = undefined;
    const start: DrivenStart = { aheadMs, wrongByMs: this.#wrongByMs, crashAt, repeats: this.#repeats };
    this.#process = this.#world.spawnProgram(PROGRAM, [JSON.stringify(start)], (message) => {
      if ('ready' in (message as object)) this.#isReady = true;
      else this.#answer?.(message as Driven);
    });
    this.starts += 1;
    const process = this.#process;
    void process.exited.then(() => {
      this.#failedStarts = this.#isReady ? 0 : this.#failedStarts + 1;
      if (this.#failedStarts > MOST_FAILED_STARTS) this.#problem = process.stderr + process.stdout;
      else if (this.#isWanted) this.#start();
    });
  }
}

async function answers(url: string): Promise<boolean> {
  const answer = await send(`${url}/readyz`).catch(() => undefined);
  return answer?.status === 200;
}
