import { once } from 'node:events';
import { ConfigError } from '@paid-community/shared/platform/config/settings.ts';
import { surviveLostOutput } from '@paid-community/shared/platform/lifecycle/survive-lost-output.ts';
import { describeNotes, startupNotes } from '../environment/startup-notes.ts';
import { requestLines, sideLines, simulatorLines } from '../local/ready-lines.ts';
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

function describe(config: EmulatedConfig, { urls, simulators, communities }: EmulatedSystem): string {
  return [
    `Ready: four processes on emulators of project ${config.project}. Everything is in memory and ends with them. Ctrl-C stops.`,
    ...sideLines(config),
    ...requestLines(urls['intake-service'], config, { knownKey: EMULATED_API_KEY, communities }),
    ...simulatorLines(simulators),
  ].join('\n');
}
