import { once } from 'node:events';
import { ConfigError } from '@paid-community/shared/platform/config/settings.ts';
import { surviveLostOutput } from '@paid-community/shared/platform/lifecycle/survive-lost-output.ts';
import { describeNotes, startupNotes } from '../environment/startup-notes.ts';
import { EMULATED_API_KEY, readEmulatedSettings, type EmulatedConfig } from './settings.ts';
import { startEmulated, type EmulatedSystem } from './start-emulated.ts';

surviveLostOutput();

// Log lines go to standard output as JSON; what is said to the person at the terminal goes to standard error.
// A signal before "Ready" ends this process at once, and the guards of its children end those.
const startedAt = performance.now();
const say = (line: string): void => void process.stderr.write(`${line}\n`);
try {
  process.stderr.write(describeNotes(startupNotes()));
  const config = readEmulatedSettings(process.env);
  process.stderr.write(describeNotes(config.warnings));
  const system = await startEmulated(config, (line) =>
    say(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${line}`),
  );
  say(describe(config, system));
  await untilTheEnd(system);
} catch (error) {
  say(error instanceof Error ? error.message : 'The start failed');
  // 2: somebody must change a setting; 1: anything else.
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}

/** @throws when a part of the system has ended by itself; the others are stopped then. */
async function untilTheEnd(system: EmulatedSystem): Promise<void> {
  try {
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), system.failed]);
    say(`Stopping: the services first, then the emulators. Once more forces it.`);
  } finally {
    const force = (): void => process.exit(130);
    process.once('SIGINT', force).once('SIGTERM', force);
    await system.stop();
    process.off('SIGINT', force).off('SIGTERM', force);
  }
  say('Stopped.');
}

function describe({ values, simulated, project }: EmulatedConfig, { urls, simulators }: EmulatedSystem): string {
  const key = values.INTAKE_API_KEYS.includes(EMULATED_API_KEY) ? EMULATED_API_KEY : '<one of INTAKE_API_KEYS>';
  return [
    `Ready: four processes on emulators of project ${project}. Everything is in memory and ends with them. Ctrl-C stops.`,
    simulated.telegram
      ? `Telegram is SIMULATED, because TELEGRAM_BOT_TOKEN is not set: the links lead nowhere. It allows ${values.SIMULATOR_LINKS_PER_SECOND} links a second.`
      : `Telegram is real: links are made in chat ${values.TELEGRAM_CHAT_ID}.`,
    simulated.webEngage
      ? 'WebEngage is SIMULATED, because WEBENGAGE_API_KEY is not set: nobody gets a message.'
      : `WebEngage is real: events go to ${values.WEBENGAGE_API_ROOT}.`,
    'Request a link:',
    `  curl -X POST ${urls['intake-service']}/v1/invite/request -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '{"userId":"12345","transactionId":"txn_abc"}'`,
    ...(simulators === undefined ? [] : [`What the simulated side has seen: curl ${simulators.url}/control/state`]),
  ].join('\n');
}
