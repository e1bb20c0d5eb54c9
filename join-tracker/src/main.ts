import { gcpOptions } from '@paid-community/shared/platform/backends/gcp/gcp-options.ts';
import { runService } from '@paid-community/shared/platform/service/run-service.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { readProcessConfig } from './config.ts';
import { joinTracker } from './service.ts';

// This service by itself, on Google Cloud or its emulators.
await runService({
  name: 'join-tracker',
  topology,
  readConfig: readProcessConfig,
  backendOptions: gcpOptions,
  makeService: (config, ports) => joinTracker({ ...ports, config }),
});
