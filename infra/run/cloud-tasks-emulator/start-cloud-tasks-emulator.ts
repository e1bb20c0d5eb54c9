import { Server, ServerCredentials } from '@grpc/grpc-js';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { CloudTasksService } from './cloud-tasks-service.ts';
import { loadCloudTasksService } from './load-service.ts';
import type { QueueOptions } from './queue-settings.ts';

export interface EmulatorOptions {
  /** 0 takes a free port; the default. */
  readonly port?: number;
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** System clock by default. Schedules, rates, backoff, deadlines and blocked names follow it. */
  readonly clock?: Clock;
  readonly queues: readonly QueueOptions[];
  /**
   * Asked after each 2xx; true dispatches the task again after its backoff, as if the answer had been lost. The real
   * service promises "at least once", and this is how a test takes it at its word.
   */
  readonly dispatchAgain?: (task: {
    readonly queue: string;
    readonly id: string;
    readonly dispatches: number;
  }) => boolean;
}

export interface QueueView {
  /** Tasks that are not finished. */
  readonly size: number;
  /** Share of the configured rate that is in force: below 1 after a 429 or 503. */
  readonly speed: number;
}

export interface CloudTasksEmulator {
  /** `host:port` of the plaintext gRPC server: CLOUD_TASKS_EMULATOR_HOST. */
  readonly host: string;
  /** @throws when there is one of that name. */
  createQueue(options: QueueOptions): void;
  /** @throws when there is no queue of that full name. */
  queue(name: string): QueueView;
  /** Cuts calls and dispatches that are under way. */
  close(): Promise<void>;
}

/**
 * A Cloud Tasks for tests and laptops, for want of one by Google: the calls that this system makes, and the dispatching
 * that its design relies on. Everything is in memory and ends with the process.
 * @throws when the port is taken.
 */
export async function startCloudTasksEmulator({
  port = 0,
  host = '127.0.0.1',
  clock = systemClock,
  queues,
  dispatchAgain = () => false,
}: EmulatorOptions): Promise<CloudTasksEmulator> {
  const service = new CloudTasksService(queues, { clock, dispatchAgain });
  const server = new Server();
  server.addService(loadCloudTasksService(), service.handlers);
  try {
    const bound = await bind(server, `${host}:${port}`);
    return {
      host: `${host}:${bound}`,
      createQueue: (options) => void service.open(options),
      queue: (name) => service.queue(name),
      close: async () => {
        server.forceShutdown();
        await service.close();
      },
    };
  } catch (error) {
    server.forceShutdown();
    await service.close();
    throw error;
  }
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}
