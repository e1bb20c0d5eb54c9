import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { inheritedVariables } from '../environment/inherited-variables.ts';
import { GuardedProcess, type Command } from './guarded-process.ts';

const ROOT = new URL('../../../', import.meta.url);
const READY_DEADLINE_MS = 120_000;
/** Above the 9.5 s that a service takes at most to stop. */
const STOP_GRACE_MS = 11_000;
/** Enough for the message of a failed start. */
const KEPT_CHARACTERS = 4_000;

export interface ServiceProcessOptions {
  readonly service: ServiceName;
  readonly port: number;
  /** All that the service gets, PATH aside. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onOutput?: Command['onOutput'];
}

/** One service as Cloud Run runs it: `node <service>/src/main.ts`, a process of its own. */
export class ServiceProcess extends GuardedProcess {
  readonly service: ServiceName;
  readonly url: string;
  readonly #lastWords: () => string;

  constructor({ service, port, environment, onOutput }: ServiceProcessOptions) {
    let printed = '';
    super({
      program: process.execPath,
      parameters: [`${service}/src/main.ts`],
      cwd: ROOT,
      environment: { ...inheritedVariables(), ...environment },
      onOutput: (text, stream) => {
        printed = (printed + text).slice(-KEPT_CHARACTERS);
        onOutput?.(text, stream);
      },
    });
    this.service = service;
    this.url = `http://127.0.0.1:${port}`;
    this.#lastWords = () => printed;
  }

  /** @throws when the process ends before it is ready, with what it said, or is not ready in time. */
  async ready(): Promise<void> {
    await eventually(
      async () => {
        if (!this.isRunning) return true;
        const response = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(5_000) });
        await response.arrayBuffer();
        return response.ok;
      },
      { timeoutMs: READY_DEADLINE_MS, intervalMs: 50 },
    );
    if (!this.isRunning) throw new Error(`${this.service} ended at its start. Its last words:\n${this.#lastWords()}`);
  }

  /** As Cloud Run does: SIGTERM, and SIGKILL when it takes too long. */
  shutDown(): Promise<unknown> {
    return this.stop(STOP_GRACE_MS);
  }
}
