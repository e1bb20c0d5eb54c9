import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface GcloudState {
  readonly calls: readonly string[];
  readonly traffic: readonly { readonly revisionName: string; readonly percent: number; readonly latestRevision?: boolean }[];
  readonly latestReadyRevisionName?: string;
  readonly commits: Readonly<Record<string, string>>;
  readonly next: { readonly name: string; readonly starts: boolean; readonly url: string };
  readonly log: Readonly<Record<string, readonly object[]>>;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `gcloud` that is first on the PATH of the commands it runs. */
export class FakeGcloud {
  readonly #folder = mkdtempSync(join(tmpdir(), 'gcloud-'));
  readonly #stateFile = join(this.#folder, 'state.json');

  constructor(state: GcloudState) {
    writeFileSync(this.#stateFile, JSON.stringify(state));
    const command = join(this.#folder, 'gcloud');
    writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" --disable-warning=ExperimentalWarning "${join(import.meta.dirname, 'gcloud.ts')}" "$@"\n`);
    chmodSync(command, 0o755);
  }

  get state(): GcloudState {
    return JSON.parse(readFileSync(this.#stateFile, 'utf8')) as GcloudState;
  }

  run(script: 'deploy-service.ts' | 'changed-services.ts', args: readonly string[], cwd?: string): Promise<CommandResult> {
    const env = { ...process.env, PATH: `${this.#folder}${delimiter}${process.env['PATH'] ?? ''}`, FAKE_GCLOUD_STATE: this.#stateFile };
    return new Promise((resolve) => {
      execFile(process.execPath, [join(import.meta.dirname, '..', script), ...args], { env, cwd }, (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
      });
    });
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
