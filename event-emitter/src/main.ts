import { gcpOptions } from '@paid-community/shared/platform/backends/gcp/gcp-options.ts';
import { runService } from '@paid-community/shared/platform/service/run-service.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { assembleEventEmitter, ownerOf } from './assemble.ts';
import { readProcessConfig } from './config.ts';

// This service by itself, on Google Cloud or its emulators.
await runService({
  name: 'event-emitter',
  topology,
  readConfig: readProcessConfig,
  backendOptions: gcpOptions,
  makeService: (config, ports) => assembleEventEmitter(config, ports, ownerOf(config)),
});
