import type { Backend } from '../backends/backend.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports/clock.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** What a process gives to each of its services. */
export interface ServicePorts extends Pick<
  Backend,
  'eventBus' | 'taskQueue' | 'store' | 'administration' | 'checkReady'
> {
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}
