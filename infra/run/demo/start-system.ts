import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import { readLocalSettings } from '../local/settings.ts';
import type { SimulatedCommunity } from '../local/simulated-communities.ts';
import { startLocal } from '../local/start-local.ts';
import type { Simulators } from '../simulators/simulators.ts';

const LINKS_PER_SECOND = 100;

export interface DemoSystem {
  readonly url: string;
  readonly simulatorUrl: string;
  readonly simulators: Simulators;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

/**
 * The whole system in this process, on free ports and in a temporary folder. It has these settings and no others: both
 * outside sides are simulated, also when the environment holds tokens.
 */
export async function startSystem({
  apiKey,
  communities,
  tickSeconds,
  log,
}: {
  readonly apiKey: string;
  /** Besides `default`. */
  readonly communities: readonly SimulatedCommunity[];
  /** Between two looks at memberships; as usual when absent. */
  readonly tickSeconds?: number | undefined;
  readonly log: Logger;
}): Promise<DemoSystem> {
  const dataDir = await mkdtemp(join(tmpdir(), 'paid-community-demo-'));
  const removeData = (): Promise<void> => rm(dataDir, { recursive: true, force: true });
  try {
    const settings = readLocalSettings({
      PORT: '0',
      DATA_DIR: dataDir,
      // Far above what a real bot gets, so that a demo does not take the evening.
      SAFE_RPS_SLEEP_MS: String(1_000 / LINKS_PER_SECOND),
      TASKS_MAX_DISPATCHES_PER_SECOND: String(LINKS_PER_SECOND),
      TASKS_MAX_CONCURRENT_DISPATCHES: '10',
      SIMULATOR_LINKS_PER_SECOND: String(LINKS_PER_SECOND * 1.5),
      // Two events for each purchase; the simulated WebEngage allows what is set here.
      WEBENGAGE_EVENTS_PER_MINUTE: String(LINKS_PER_SECOND * 60 * 3),
      MEMBERSHIP_TICK_SECONDS: tickSeconds?.toString(),
    });
    // The key may be short: it opens this system only, and only from this machine.
    const config = { ...settings, values: { ...settings.values, INTAKE_API_KEYS: [apiKey] } };
    const system = await startLocal(config, log, { communities });
    const { url, simulators } = system;
    if (simulators === undefined) throw new Error('The demo runs on simulators only');
    return {
      url,
      simulatorUrl: simulators.url,
      simulators,
      stop: async () => {
        try {
          await system.stop();
        } finally {
          await removeData();
        }
      },
    };
  } catch (error) {
    await removeData();
    throw error;
  }
}
