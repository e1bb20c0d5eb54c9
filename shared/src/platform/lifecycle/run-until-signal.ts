import { once } from 'node:events';
import type { Logger } from '../log/logger.ts';

/** The whole of a shutdown takes less: Cloud Run sends SIGKILL 10 s after SIGTERM. */
const SHUTDOWN_DEADLINE_MS = 9_500;

/** What is still open after a clean stop, such as an export of traces that waits for its next try, is cut off then. */
const LINGER_MS = 200;

/**
 * Resolves with the first SIGTERM or SIGINT from now on. Until somebody waits, process 1 of a container does not even
 * notice them.
 */
export function nextSignal(): Promise<NodeJS.Signals> {
  return Promise.race((['SIGTERM', 'SIGINT'] as const).map((signal) => once(process, signal).then(() => signal)));
}

/**
 * Waits for SIGTERM or SIGINT, then stops. The exit code is 0 after a clean stop, 1 when `stop` failed or ran past the
 * deadline, and 130 when a second signal forced the end; in those cases work under way is delivered again at the next
 * start.
 */
export async function runUntilSignal(stop: () => Promise<void>, log: Logger, signalled = nextSignal()): Promise<void> {
  const signal = await signalled;
  log.info({ signal }, 'stopping: no new work, finishing what is under way');
  const force = (): void => process.exit(130);
  process.once('SIGTERM', force).once('SIGINT', force);
  const deadline = setTimeout(() => {
    log.error(
      { deadlineMs: SHUTDOWN_DEADLINE_MS },
      'the stop took too long and was cut short; unfinished work comes again at the next start',
    );
    process.exit(1);
  }, SHUTDOWN_DEADLINE_MS);
  deadline.unref();
  try {
    await stop();
    log.info({}, 'stopped');
    process.exitCode = 0;
    clearTimeout(deadline);
    setTimeout(() => process.exit(), LINGER_MS).unref();
  } catch (error) {
    log.error({ error }, 'the stop failed');
    process.exitCode = 1;
  }
  process.off('SIGTERM', force).off('SIGINT', force);
}
