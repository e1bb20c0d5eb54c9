import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '../backends/backend.ts';
import { openEmbeddedBackend } from '../backends/embedded/open-embedded-backend.ts';
import { createLogger } from '../log/logger.ts';
import type { Clock } from '../ports/clock.ts';
import type { Topology } from '../ports/topology-types.ts';
import { topology as realTopology } from '../../topology.ts';

export const silentLog = createLogger({ level: 'silent', secrets: [] });

/** The embedded backend, by default with the real topology, in a folder of its own that is gone after `close`. */
export function openTemporaryBackend(
  clock: Clock,
  topology: Topology = realTopology,
): { readonly backend: Backend; readonly close: () => Promise<void> } {
  const dataDir = mkdtempSync(join(tmpdir(), 'paid-community-'));
  const backend = openEmbeddedBackend({ dataDir, topology, clock, log: silentLog });
  return {
    backend,
    close: async () => {
      await backend.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
