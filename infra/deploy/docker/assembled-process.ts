import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { readImageSettings } from './image-settings.ts';

/** A start on a machine that does nothing else takes half a second. */
const START_DEADLINE_MS = 60_000;
/** Cloud Run sends SIGKILL 10 s after SIGTERM. */
const STOP_DEADLINE_MS = 10_000;

export interface AssembledProcessOptions {
  readonly service: ServiceName;
  /** The assembled folder; its only code. */
  readonly app: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Instead of those of the image; undefined takes one away. */
  readonly overrides?: Readonly<Record<string, string | undefined>>;
  /** Who it runs as; takes root. Ourselves by default. */
  readonly uid?: number | undefined;
  /** The Node that runs it; the one that runs us by default. */
  readonly node?: string;
}

/** An assembled service, started as the image starts it: command, folder and variables are those of the Dockerfile. */
export class AssembledProcess {
  readonly #child: ChildProcess;
  readonly #listening: Promise<number>;
  /** Exit code, or the name of the signal that ended it. */
  readonly exited: Promise<number | string>;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.#listening = new Promise((resolve, reject) => {
      this.exited.then(
        (code) => reject(new Error(`The service ended with ${code} at its start:\n${this.#output}`)),
        reject,
      );
      if (child.stdout === null) return;
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#output += `${line}\n`;
        const port = /"port":(\d+).*"message":"listening"/.exec(line)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    });
    // Both are for those who ask.
    this.exited.catch(() => undefined);
    this.#listening.catch(() => undefined);
  }

  static async start({
    service,
    app,
    environment,
    overrides,
    uid,
    node = process.execPath,
  }: AssembledProcessOptions): Promise<AssembledProcess> {
    const image = await readImageSettings(service, app);
    const [program, ...parameters] = image.command;
    if (program !== 'node') throw new Error(`The image starts ${program ?? 'nothing'} instead of node`);
    const child = spawn(node, parameters, {
      cwd: image.workingDirectory,
      env: { ...image.environment, ...environment, ...overrides },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    return new AssembledProcess(child);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Resolves with its root URL once it listens. @throws when it ends before, or does not listen in time. */
  async url(): Promise<string> {
    const giveUp = setTimeout(() => this.#child.kill('SIGKILL'), START_DEADLINE_MS);
    try {
      return `http://127.0.0.1:${await this.#listening}`;
    } finally {
      clearTimeout(giveUp);
    }
  }

  /** As Cloud Run does: SIGTERM, and SIGKILL when that takes too long. */
  async stop(): Promise<number | string> {
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
    this.#child.kill('SIGTERM');
    try {
      return await this.exited;
    } finally {
      clearTimeout(kill);
    }
  }
}
