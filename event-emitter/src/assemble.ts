import type { Service } from '@paid-community/shared/platform/service/service.ts';
import type { ServicePorts } from '@paid-community/shared/platform/service/service-ports.ts';
import { webEngageClaim } from '@paid-community/shared/store-owner/claim.ts';
import type { ServedOwner } from '@paid-community/shared/store-owner/examine-owner.ts';
import type { EventEmitterConfig } from './config.ts';
import { eventEmitter } from './service.ts';
import { createWebEngageClient } from './webengage/client.ts';

/** The service with its client of WebEngage. @throws ConfigError when the environment names a proxy that is none. */
export function assembleEventEmitter(
  config: EventEmitterConfig,
  ports: ServicePorts,
  owner: ServedOwner | undefined,
): Service {
  const webEngage = createWebEngageClient(config, ports.telemetry, ports.clock);
  return { ...eventEmitter({ ...ports, config, webEngage, owner }), close: () => webEngage.close() };
}

/** Whose events a process sends that runs this service alone. */
export function ownerOf(config: EventEmitterConfig): ServedOwner {
  return { claim: webEngageClaim(config), leaving: config.STORE_OWNER_CHANGE ?? [] };
}
