import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { enqueuerOptions } from '@paid-community/shared/platform/backends/gcp/gcp-options.ts';
import { runService } from '@paid-community/shared/platform/service/run-service.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { readProcessConfig } from './config.ts';
import { intakeService } from './service.ts';

// This service by itself, on Google Cloud or its emulators.
await runService({
  name: 'intake-service',
  topology,
  readConfig: readProcessConfig,
  backendOptions: (config) => enqueuerOptions(config, inviteQueue),
  makeService: (config, ports) => intakeService({ ...ports, config }),
});
