import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Command {
  readonly program: string;
  readonly parameters: readonly string[];
  /** All the environment that it gets. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder that it runs in; ours by default. */
  readonly cwd?: URL;
  /** Gets what it prints. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
}

/**
 * A process with its children, as a group of its own: a Ctrl-C at the terminal does not reach it, so that it is ended
 * in the order we choose. A guard ends the whole group when this process is gone without having done so, killed for
 * instance.
 */
export class GuardedProcess {
  readonly #child: ChildProcess;
  readonly #guard: ChildProcess | undefined;
  /** Resolves when the process is gone and its output is complete; rejects when it cannot be started. */
  readonly exited: Promise<Exit>;
  #hasExited = false;

  constructor({ program, parameters, environment, cwd, onOutput }: Command) {
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
    this.#child = spawn(program, parameters, {
      env: environment,
      stdio,
      detached: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => onOutput?.(text, 'stdout'));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => onOutput?.(text, 'stderr'));
    this.exited = once(this.#child, 'close').then(([code, signal]) => {
      this.#hasExited = true;
      this.#signalGroup('SIGKILL');
      this.#guard?.stdin?.end();
      this.#guard?.kill('SIGKILL');
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
    // Who waits for `exited` hears of a failed start; nobody has to.
    this.exited.catch(() => undefined);
    if (this.#child.pid === undefined) return;
    // The shell waits for a line on a pipe that only we hold open: it ends when we do.
    const script = 'read -r line; kill -s KILL -- "-$1"';
    this.#guard = spawn('/bin/sh', ['-c', script, 'guard', String(this.#child.pid)], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#guard.on('error', () => undefined);
    this.#guard.stdin?.on('error', () => undefined);
  }

  get isRunning(): boolean {
    return !this.#hasExited && this.#child.pid !== undefined;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** To the process alone. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it and its children at once. */
  async kill(): Promise<Exit> {
    this.#signalGroup('SIGKILL');
    return this.exited;
  }

  /** Asks it to end, and ends it with its children when it has not within `graceMs`. */
  async stop(graceMs: number): Promise<Exit> {
    const timer = setTimeout(() => this.#signalGroup('SIGKILL'), graceMs);
    this.signal('SIGTERM');
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // The group is gone.
    }
  }
}
