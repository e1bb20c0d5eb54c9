import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopProcess } from '../../processes/child.ts';

const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 20;

/** The user a server runs as, where it must not be root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly account: Account | undefined;
  readonly isReady: () => Promise<boolean>;
  /** What ends it in an orderly way, with everything written. */
  readonly stopSignal: NodeJS.Signals;
}

/** A server in a process of its own, started and stopped by us. */
export class ServerProcess {
  readonly #command: ServerCommand;
  #child: ChildProcess | undefined;

  constructor(command: ServerCommand) {
    this.#command = command;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves when it answers. @throws with what the server said when it ends instead. */
  async start(): Promise<void> {
    const { program, args, cwd, account, isReady } = this.#command;
    const child = spawn(program, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
      ...account,
    });
    this.#child = child;
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4_000)));
    child.once('error', (error) => (said += String(error)));
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await isReady())) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
        throw new Error(`${program} ended: ${said}`);
      if (Date.now() > deadline)
        throw new Error(`${program} was not ready after ${READY_WITHIN_MS / 1_000} s: ${said}`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  async stop(signal: NodeJS.Signals = this.#command.stopSignal): Promise<void> {
    if (this.#child !== undefined) await stopProcess(this.#child, signal);
  }
}
