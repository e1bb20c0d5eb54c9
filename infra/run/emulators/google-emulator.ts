import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { GuardedProcess } from './guarded-process.ts';

const START_DEADLINE_MS = 120_000;
/** Enough for the message of a failed start. */
const KEPT_CHARACTERS = 4_000;

export interface GoogleEmulator {
  readonly host: string;
  /** Resolves when it answers; rejects when it ends before, or does not in time. */
  readonly ready: Promise<void>;
  /** Rejects when it ends by itself; never resolves. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** `gcloud` starts a shell that starts Java: only the group of them can be ended as a whole. */
export function startGoogleEmulator(
  name: string,
  parameters: readonly string[],
  host: string,
  environment: Readonly<Record<string, string>> = {},
): GoogleEmulator {
  let printed = '';
  let stopped = false;
  const running = new GuardedProcess({
    program: 'gcloud',
    parameters,
    // Nobody is there to answer a question.
    environment: {
      ...process.env,
      CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
      CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
      ...environment,
    },
    onOutput: (text) => {
      printed = (printed + text).slice(-KEPT_CHARACTERS);
    },
  });
  const failed = running.exited.then(({ code, signal }) => {
    if (stopped) return new Promise<never>(() => undefined);
    throw new Error(
      `The ${name} emulator has ended (${signal ?? `exit code ${code ?? ''}`}). Its last words:\n${printed}`,
    );
  });
  // Reported by `ready` and `failed`.
  failed.catch(() => undefined);
  const answers = eventually(
    async () => {
      const response = await fetch(`http://${host}/`, { signal: AbortSignal.timeout(2_000) });
      await response.arrayBuffer();
      return stopped || response.ok;
    },
    { timeoutMs: START_DEADLINE_MS, intervalMs: 100 },
  ).catch((cause: unknown) => {
    throw new Error(
      `The ${name} emulator did not answer within ${START_DEADLINE_MS / 1_000} s. Its last words:\n${printed}`,
      { cause },
    );
  });
  return {
    host,
    ready: Promise.race([answers.then(() => undefined), failed]),
    failed,
    stop: async () => {
      stopped = true;
      // What it holds is in memory: there is nothing that a slower end would save.
      await running.kill();
    },
  };
}
