import { retryUntilDone } from '../delivery/retry-until-done.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports/clock.ts';
import type { Service } from './service.ts';

export interface Background {
  /** Aborts the signal, and resolves when all of it has ended. */
  stop(): Promise<void>;
}

/**
 * Runs what the services do by themselves. Work that fails is an error line, and begins again after a backoff: the
 * process serves other callers, whose purchases must not wait for a restart. Work that ends well is done.
 */
export function runBackground(
  services: readonly Pick<Service, 'name' | 'background'>[],
  { clock, log }: { readonly clock: Pick<Clock, 'sleep'>; readonly log: Logger },
): Background {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = services.map(async ({ name, background }) => {
    if (background === undefined) return;
    const onFailure = (error: unknown, waitMs: number): void =>
      log.error({ service: name, error, waitMs }, 'background work has failed; it begins again');
    await retryUntilDone(() => background(signal), { clock, leastWaitMs: () => 0, onFailure }, signal);
    log.debug({ service: name }, 'background work has ended');
  });
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
