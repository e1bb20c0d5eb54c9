import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { executorOptions } from '@paid-community/shared/platform/backends/gcp/gcp-options.ts';
import { runService } from '@paid-community/shared/platform/service/run-service.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { assembleLinkWorker, byItself } from './assemble.ts';
import { readProcessConfig } from './config.ts';

// This service by itself, on Google Cloud or its emulators.
await runService({
  name: 'link-worker',
  topology,
  readConfig: readProcessConfig,
  backendOptions: (config) => executorOptions(config, inviteQueue),
  makeService: (config, ports) => assembleLinkWorker(config, ports, byItself(config)),
});
