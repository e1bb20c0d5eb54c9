import { systemClock } from '../../../lifecycle/system-clock.ts';
import { createLogger } from '../../../log/logger.ts';
import { crashTopology } from './crash-topology.ts';
import { openEmbeddedBackend } from '../open-embedded-backend.ts';

/** Run by tests that end it half way: `node backup-process.ts <dataDir> <file>`. */
const [, , dataDir = '', file = ''] = process.argv;
const backend = openEmbeddedBackend({
  dataDir,
  topology: crashTopology,
  clock: systemClock,
  log: createLogger({ level: 'silent', secrets: [] }),
});
await backend.administration.store.backUp(file);
await backend.close();
