import { runUntilSignal } from '@paid-community/shared/platform/lifecycle/run-until-signal.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { readLocalSettings } from '../../../run/local/settings.ts';
import { startLocal } from '../../../run/local/start-local.ts';
import { crashAt, type CrashPoint } from './crash-point.ts';

/** What differs from infra/run/local/main.ts, as JSON in the first parameter. */
export interface Fragility {
  readonly crashAt?: CrashPoint;
  /** The process lives so far in the future: what a restart after a long night would see. */
  readonly clockAheadMs?: number;
}

const { crashAt: crashPoint, clockAheadMs = 0 } = JSON.parse(process.argv[2] ?? '{}') as Fragility;
const now = Date.now.bind(Date);
Date.now = () => now() + clockAheadMs;

const config = readLocalSettings(process.env);
const log = createLogger({ level: config.values.LOG_LEVEL, secrets: config.secrets });
const system = await startLocal(
  config,
  log,
  crashPoint === undefined ? {} : { decorateBackend: (backend) => crashAt(backend, crashPoint) },
);
await runUntilSignal(() => system.stop(), log);
