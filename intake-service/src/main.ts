import { runService } from '@paid-community/shared/platform/service/run-service.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { readProcessConfig } from './config.ts';
import { intakeService } from './service.ts';

// This service by itself, on Google Cloud or its emulators.
await runService({
  name: 'intake-service',
  topology,
  readConfig: readProcessConfig,
  makeService: (config, ports) => intakeService({ ...ports, config }),
});
