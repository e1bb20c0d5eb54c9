import { ConfigError } from '@paid-community/shared/platform/config/settings.ts';
import { StoreStartError } from '@paid-community/shared/platform/backends/embedded/store-errors.ts';
import { nextSignal, runUntilSignal } from '@paid-community/shared/platform/lifecycle/run-until-signal.ts';
import { surviveLostOutput } from '@paid-community/shared/platform/lifecycle/survive-lost-output.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { describeNotes, startupNotes } from '../environment/startup-notes.ts';
import { requestLines, sideLines, simulatorLines } from './ready-lines.ts';
import { proxyNotes, type CalledRoots } from './proxy-notes.ts';
import { SIMULATION_API_KEY, SIMULATION_OPERATOR_KEY, readLocalSettings, type LocalConfig } from './settings.ts';
import { startLocal, type LocalSystem } from './start-local.ts';

surviveLostOutput();

// Log lines go to standard output as JSON; what is said to the person at the terminal goes to standard error.
try {
  process.stderr.write(describeNotes(startupNotes()));
  const config = readLocalSettings();
  const log = createLogger({ level: config.values.LOG_LEVEL, secrets: config.secrets });
  const system = await startLocal(config, log);
  // A reader of "Ready" may stop it at once. Before that, a signal ends the process as a crash would, and nothing is
  // lost.
  const signalled = nextSignal();
  process.stderr.write(describeNotes([...config.warnings, ...proxyNotes(calledRoots(config)), ...system.says]));
  process.stderr.write(describe(config, system));
  await runUntilSignal(() => system.stop(), log, signalled);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The start failed'}\n`);
  process.exitCode = exitCodeOf(error);
}

function calledRoots({ values, simulated }: LocalConfig): CalledRoots {
  return {
    real: [
      ...(simulated.telegram ? [] : [values.TELEGRAM_API_ROOT]),
      ...(simulated.webEngage ? [] : [values.WEBENGAGE_API_ROOT]),
    ],
    simulators: simulated.telegram || simulated.webEngage,
  };
}

/**
 * 2: somebody must change a setting, or the store was moved to Google Cloud. 75 (EX_TEMPFAIL of sysexits.h): a restore
 * is under way, start again later. 1: anything else.
 */
function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return 2;
  if (!(error instanceof StoreStartError)) return 1;
  if (error.code === 'store_moved') return 2;
  return error.code === 'store_being_restored' ? 75 : 1;
}

function describe(config: LocalConfig, { url, simulators, communities }: LocalSystem): string {
  const { values, simulated } = config;
  const hasKnownOperator = values.OPERATOR_API_KEYS.some((namedKey) =>
    namedKey.endsWith(`:${SIMULATION_OPERATOR_KEY}`),
  );
  const operatorLines = [
    'See what needs mending:',
    `  OPERATOR_API_KEY=${SIMULATION_OPERATOR_KEY} npm run ops -- dead-letters list --url ${url}`,
  ];
  const lines = [
    `Ready on ${url}, data in ${values.DATA_DIR}. Ctrl-C stops.`,
    ...sideLines(config, `, updates come by ${values.TELEGRAM_UPDATES}`),
    ...(simulated.telegram && simulated.webEngage
      ? requestLines(url, config, { knownKey: SIMULATION_API_KEY, communities })
      : []),
    ...(hasKnownOperator ? operatorLines : []),
    ...simulatorLines(simulators),
  ];
  return `${lines.join('\n')}\n`;
}
