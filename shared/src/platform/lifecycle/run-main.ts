import { ConfigError } from '../config/settings.ts';
import type { Logger } from '../log/logger.ts';
import { nextSignal, runUntilSignal } from './run-until-signal.ts';
import { surviveLostOutput } from './survive-lost-output.ts';

export interface Started {
  readonly log: Logger;
  stop(): Promise<void>;
}

/**
 * The life of a process: start, run until a signal, stop. A start that fails says why on standard error and ends the
 * process.
 */
export async function runMain(start: () => Promise<Started>): Promise<void> {
  surviveLostOutput();
  // From the first moment: a start that is called off is finished, and then stopped as any other.
  const signalled = nextSignal();
  let started: Started;
  try {
    started = await start();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'The start failed'}\n`);
    // 2: somebody must change a setting; 1: anything else. At once: connections that are open would keep the process.
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
  await runUntilSignal(() => started.stop(), started.log, signalled);
}
