import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Question, Reply } from './answer-parent.ts';

const KILL_AFTER_MS = 12_000;

/** A child that answers questions (answer-parent.ts). */
export class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  #lastId = 0;

  /** `module` is a URL, or a path beside this file; `execArgv` are flags for Node. */
  constructor(module: string, execArgv: readonly string[] = []) {
    this.#process = fork(fileURLToPath(new URL(module, import.meta.url)), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [...execArgv],
    });
    this.#process.on('message', (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (reply.error === undefined) waiting?.resolve(reply.result);
      else waiting?.reject(new Error(`${module}: ${reply.error}`));
    });
    this.#process.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${module} ended with ${signal ?? String(code)}`));
      this.#waiting.clear();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  ask<Result>(job: unknown): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { resolve: resolve as (value: unknown) => void, reject });
      const question: Question = { id: this.#lastId, job };
      this.#process.send(question);
    });
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return stopProcess(this.#process, signal);
  }
}

/** Resolves when the process is gone; forces it when it does not go. */
export async function stopProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await gone;
  clearTimeout(force);
}
