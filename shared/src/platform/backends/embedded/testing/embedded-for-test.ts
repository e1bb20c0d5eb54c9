import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../lifecycle/system-clock.ts';
import { createLogger, type Logger } from '../../../log/logger.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ContractHarness } from '../../../testing/contracts/harness.ts';
import type { Topology } from '../../../ports/topology-types.ts';
import { openDatabase } from '../database.ts';
import { EmbeddedBackend } from '../open-embedded-backend.ts';
import { STORE_FILE } from '../store-files.ts';

export const silentLog: Logger = createLogger({ level: 'silent', secrets: [] });

/** A folder that is gone when the block is left: `using folder = temporaryFolder()`. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'embedded-'));
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export function openForTest(
  dataDir: string,
  topology: Topology,
  clock: Clock = systemClock,
  log: Logger = silentLog,
): EmbeddedBackend {
  return new EmbeddedBackend(openDatabase(dataDir), { topology, clock, log });
}

/** Copies the store as it is on disk at this moment: what a crash would leave behind. */
function crashImage(dataDir: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const name of [STORE_FILE, `${STORE_FILE}-wal`]) {
    if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(target, name));
  }
}

export const embeddedHarness: ContractHarness = {
  name: 'the embedded backend',
  canCrash: true,
  open: (topology) => {
    const folder = temporaryFolder();
    let generation = 0;
    let current = openForTest(join(folder.path, String(generation)), topology);
    return Promise.resolve({
      backend: current,
      crashAndReopen: async () => {
        crashImage(join(folder.path, String(generation)), join(folder.path, String(generation + 1)));
        await current.close();
        generation += 1;
        current = openForTest(join(folder.path, String(generation)), topology);
        return current;
      },
      close: async () => {
        await current.close();
        folder[Symbol.dispose]();
      },
    });
  },
};
