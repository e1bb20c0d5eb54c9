import { systemClock } from '../lifecycle/system-clock.ts';
import { createLogger } from '../log/logger.ts';
import type { Service } from '../service/service.ts';
import type { ServicePorts } from '../service/service-ports.ts';
import { startServices } from '../service/start-services.ts';
import { noTelemetry } from '../telemetry/telemetry.ts';
import { openTemporaryBackend } from './temporary-backend.ts';

export interface Running extends ServicePorts, AsyncDisposable {
  readonly url: string;
  /** The log lines with this message. */
  readonly logged: (message: string) => readonly Record<string, unknown>[];
}

/**
 * A service, or the part of one that a test is about, on the embedded backend with the real topology and on a free port:
 * `await using running = await runTemporarily(…)`. Everything is gone when the block is left.
 */
export async function runTemporarily(makePart: (ports: ServicePorts) => Partial<Service>): Promise<Running> {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    level: 'debug',
    secrets: [],
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  const { backend, close } = openTemporaryBackend(systemClock);
  const { eventBus, taskQueue, store, administration } = backend;
  const checkReady = (): Promise<void> => backend.checkReady();
  const clock = systemClock;
  const ports = { eventBus, taskQueue, store, administration, checkReady, clock, log, telemetry: noTelemetry };
  const service = { name: 'test', routes: [], subscriptions: [], tasks: [], ...makePart(ports) };
  const running = await startServices({ services: [service], backend, host: '127.0.0.1', port: 0, ...ports });
  return {
    ...ports,
    url: `http://127.0.0.1:${running.port}`,
    logged: (message) => lines.filter((line) => line['message'] === message),
    [Symbol.asyncDispose]: async () => {
      await running.stop();
      service.close?.();
      await close();
    },
  };
}
