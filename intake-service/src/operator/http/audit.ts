import { errorCode } from '@paid-community/shared/platform/ports/errors.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

/** What a log line may hold. */
export type Logged = Readonly<Record<string, string | number | boolean | undefined>>;

/** The one line of log of an action: who did what, how long it took, and how it ended. */
export interface Audit {
  readonly done: (logged: Logged) => void;
  readonly failed: (logged: Logged, error: unknown) => void;
}

export function beginAudit(
  {
    action,
    operator,
    traceparent,
  }: { readonly action: string; readonly operator: string; readonly traceparent: string },
  { clock, log }: { readonly clock: Pick<Clock, 'monotonicMs'>; readonly log: Logger },
): Audit {
  const startedAtMs = clock.monotonicMs();
  const line = (logged: Logged): Logged => ({
    operator,
    action,
    traceparent,
    ...logged,
    durationMs: Math.round(clock.monotonicMs() - startedAtMs),
  });
  return {
    done: (logged) => log.info({ ...line(logged), outcome: 'done' }, 'operator action'),
    failed: (logged, error) =>
      log.warn({ ...line(logged), outcome: 'failed', code: errorCode(error) }, 'operator action'),
  };
}
