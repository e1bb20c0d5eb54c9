import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { inheritedVariables } from '../../../run/environment/inherited-variables.ts';
import { send } from './http.ts';

const ROOT = new URL('../../../../', import.meta.url);

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The system as an operator runs it: a process of its own, its output kept. */
export class SystemProcess {
  readonly #child: ChildProcess;
  /** Resolves when the process is gone and its output is complete. */
  readonly exited: Promise<Exit>;
  #stdout = '';
  #stderr = '';
  #exit: Exit | undefined;

  /**
   * `file` is relative to the repository; `environment` is all that the process gets, PATH aside. With `hears` it has a
   * channel to this process.
   */
  constructor(
    file: string,
    environment: Readonly<Record<string, string>>,
    parameters: readonly string[] = [],
    hears?: (message: unknown) => void,
  ) {
    this.#child = spawn(process.execPath, [file, ...parameters], {
      cwd: ROOT,
      env: { ...inheritedVariables(), ...environment },
      stdio: ['ignore', 'pipe', 'pipe', ...(hears === undefined ? [] : (['ipc'] as const))],
    });
    if (hears !== undefined) this.#child.on('message', hears);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.exited = once(this.#child, 'close').then(([code, signal]) => {
      this.#exit = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      return this.#exit;
    });
  }

  /** Log lines. */
  get stdout(): string {
    return this.#stdout;
  }

  /** Words to the person at the terminal. */
  get stderr(): string {
    return this.#stderr;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('The process was not started');
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#exit === undefined;
  }

  /** The log lines with this message. */
  logged(message: string): Record<string, unknown>[] {
    return this.#stdout
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['message'] === message);
  }

  /** @throws when the process ends before it is ready, with what it said. */
  async ready(url: string): Promise<void> {
    await eventually(async () => {
      if (this.#exit !== undefined) return true;
      return (await send(`${url}/readyz`)).status === 200;
    });
    if (this.#exit !== undefined)
      throw new Error(`The system ended at its start (${JSON.stringify(this.#exit)}):\n${this.#stderr}${this.#stdout}`);
  }

  /** Over the channel; one that is gone takes nothing. */
  tell(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Sends the signal, to this process only, and does not wait. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<Exit> {
    this.signal('SIGKILL');
    return this.exited;
  }

  /** Ends it as an operator would. */
  async stop(): Promise<Exit> {
    this.signal('SIGTERM');
    return this.exited;
  }
}
