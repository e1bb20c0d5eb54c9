import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Purchase } from './wire.ts';

export interface SteadyBuyerOptions {
  readonly url: string;
  readonly key: string;
  readonly perSecond: number;
  readonly connections: number;
}

export interface Bought {
  readonly purchases: readonly Purchase[];
  /** Purchases that got another answer than 202, or none: what it was. */
  readonly refused: readonly string[];
  /** Milliseconds that each took, from when it was due. */
  readonly waits: readonly number[];
}

/**
 * Buys at a steady rate with a key of its own, also after failures. It is a process of its own, so that no other work
 * delays it.
 */
export class SteadyBuyer {
  readonly #child: ChildProcess;
  #bought: Promise<Bought> | undefined;

  constructor(options: SteadyBuyerOptions) {
    this.#child = fork(new URL('./steady-buyer-process.ts', import.meta.url), [JSON.stringify(options)], {
      execArgv: [],
      serialization: 'json',
    });
  }

  stop(): Promise<Bought> {
    this.#bought ??= this.#stop();
    return this.#bought;
  }

  async #stop(): Promise<Bought> {
    const answered = once(this.#child, 'message');
    this.#child.send('stop');
    const [bought] = (await answered) as [Bought];
    return bought;
  }
}
