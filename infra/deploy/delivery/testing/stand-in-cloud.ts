import { execFile, type ExecFileException } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { CloudState } from './cloud-run-stand-in.ts';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Cloud Run and a registry, with a `gcloud` and a `docker` that work on them. Both come first on the PATH of the
 * commands it runs.
 */
export class StandInCloud {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cloud-'));
  readonly #stateFile = join(this.#folder, 'state.json');
  /** Where the two commands are. */
  readonly bin = join(this.#folder, 'bin');

  constructor(state: Partial<CloudState> = {}) {
    this.state = { calls: [], services: {}, images: {}, broken: [], canaryUrl: '', log: {}, ...state };
    mkdirSync(this.bin);
    for (const name of ['gcloud', 'docker'])
      this.command(
        name,
        `exec "${process.execPath}" --disable-warning=ExperimentalWarning "${join(import.meta.dirname, `${name}.ts`)}" "$@"`,
      );
  }

  /** Puts a shell script beside the two commands. */
  command(name: string, script: string): void {
    writeFileSync(join(this.bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.bin, name), 0o755);
  }

  get state(): CloudState {
    return JSON.parse(readFileSync(this.#stateFile, 'utf8')) as CloudState;
  }

  set state(state: CloudState) {
    writeFileSync(this.#stateFile, JSON.stringify(state));
  }

  /** The calls whose words include one of these. */
  callsOf(...words: readonly string[]): readonly string[] {
    return this.state.calls.filter((call) => words.some((word) => call.includes(word)));
  }

  /** For a process that finds the two commands. */
  get environment(): Record<string, string | undefined> {
    return {
      ...process.env,
      PATH: `${this.bin}${delimiter}${process.env['PATH'] ?? ''}`,
      FAKE_CLOUD_STATE: this.#stateFile,
    };
  }

  run(
    script: 'build-image.ts' | 'changed-services.ts' | 'deploy-changed.ts' | 'deploy-service.ts',
    args: readonly string[],
    cwd?: string,
  ): Promise<CommandResult> {
    return runProgram(process.execPath, [join(import.meta.dirname, '..', script), ...args], {
      env: this.environment,
      cwd,
    });
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

export function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly env: Record<string, string | undefined>; readonly cwd?: string | undefined },
): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ exitCode: exitCodeOf(error), stdout, stderr });
    });
  });
}

/** -1 when a signal ended the program, or it could not be started. */
function exitCodeOf(error: ExecFileException | null): number {
  if (error === null) return 0;
  return typeof error.code === 'number' ? error.code : -1;
}
