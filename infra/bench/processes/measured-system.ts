import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Workspace } from '../workspace.ts';
import { stopProcess } from './child.ts';

export const API_KEY = 'intake-key-of-the-bench';
export const OPERATOR_KEY = 'operator-key-of-the-bench';

const MAIN = fileURLToPath(new URL('../../run/local/main.ts', import.meta.url));
const READY_WITHIN_MS = 30_000;
/** What `npm start` tells Node, so that what is measured is what is run; an .env file is none of it. */
const START_FLAGS = startFlags();

export interface SystemOptions {
  readonly dataDir: string;
  /** Variables of the system; the benchmark's own environment is not handed down. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly profileFolder: string | undefined;
}

/** The real thing: infra/run/local/main.ts in a process of its own, on a free port. */
export class MeasuredSystem {
  readonly #process: ChildProcess;
  readonly url: string;
  readonly port: number;
  /** From the start of the process to the first 200 of /readyz. */
  readonly readyAfterMs: number;

  private constructor(child: ChildProcess, url: string, readyAfterMs: number) {
    this.#process = child;
    this.url = url;
    this.port = Number(new URL(url).port);
    this.readyAfterMs = readyAfterMs;
  }

  /** @throws when the system does not get ready, with what it said. */
  static async start(options: SystemOptions, workspace: Workspace): Promise<MeasuredSystem> {
    const startedAt = performance.now();
    const child = spawnSystem(options);
    workspace.track({ stop: (signal = 'SIGTERM') => stopProcess(child, signal) });
    try {
      const url = await announcedUrl(child);
      const answer = await fetch(`${url}/readyz`);
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`The system is not ready: ${answer.status}`);
      return new MeasuredSystem(child, url, performance.now() - startedAt);
    } catch (error) {
      await stopProcess(child, 'SIGKILL');
      throw error;
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return stopProcess(this.#process, signal);
  }
}

function spawnSystem({ dataDir, environment, profileFolder }: SystemOptions): ChildProcess {
  const profiling = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const inherited = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };
  // Log lines go to a file, as they do for an operator who redirects them: a pipe to here would cost this process time.
  const log = openSync(join(dataDir, 'system.log'), 'w');
  const child = spawn(process.execPath, [...START_FLAGS, ...profiling, MAIN], {
    env: {
      ...inherited,
      PORT: '0',
      DATA_DIR: dataDir,
      INTAKE_API_KEYS: API_KEY,
      OPERATOR_API_KEYS: `bench:${OPERATOR_KEY}`,
      LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', log, 'pipe'],
  });
  closeSync(log);
  return child;
}

function startFlags(): readonly string[] {
  const root = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    readonly scripts: { readonly start: string };
  };
  return root.scripts.start.split(' ').filter((word) => word.startsWith('--') && !word.startsWith('--import'));
}

/** Main says on standard error where it listens. */
async function announcedUrl(child: ChildProcess): Promise<string> {
  let said = '';
  const found = new Promise<string>((resolve) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const url = /^Ready on (http:\S+?),/m.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const timeout = AbortSignal.timeout(READY_WITHIN_MS);
  const ended = once(child, 'exit', { signal: timeout }).then(
    () => Promise.reject(new Error(`The system ended before it was ready: ${said}`)),
    () => Promise.reject(new Error(`The system was not ready after ${READY_WITHIN_MS / 1_000} s: ${said}`)),
  );
  return Promise.race([found, ended]);
}
