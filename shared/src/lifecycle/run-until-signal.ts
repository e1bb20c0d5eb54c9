import { once } from 'node:events';
import type { Logger } from '../log/logger.ts';

/** The whole of a shutdown takes less: Cloud Run sends SIGKILL 10 s after SIGTERM. */
const SHUTDOWN_DEADLINE_MS = 9_500;

/**
 * Waits for SIGTERM or SIGINT, then stops. The exit code is 0 after a clean stop, 1 when `stop` failed or ran past the
 * deadline, and 130 when a second signal forced the end; in those cases work under way is delivered again at the next start.
 */
export async function runUntilSignal(stop: () => Promise<void>, log: Logger): Promise<void> {
  const signal = await Promise.race([once(process, 'SIGTERM').then(() => 'SIGTERM'), once(process, 'SIGINT').then(() => 'SIGINT')]);
  log.info({ signal }, 'stopping: no new work, finishing what is under way');
  const force = (): void => process.exit(130);
  process.once('SIGTERM', force).once('SIGINT', force);
  setTimeout(() => {
    log.error({ deadlineMs: SHUTDOWN_DEADLINE_MS }, 'the stop took too long and was cut short; unfinished work comes again at the next start');
    process.exit(1);
  }, SHUTDOWN_DEADLINE_MS).unref();
  try {
    await stop();
    log.info({}, 'stopped');
    process.exitCode = 0;
  } catch (error) {
    log.error({ error }, 'the stop failed');
    process.exitCode = 1;
  }
  process.off('SIGTERM', force).off('SIGINT', force);
}
