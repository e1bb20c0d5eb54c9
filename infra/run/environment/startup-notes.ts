import type { Environment } from '@paid-community/shared/platform/config/settings.ts';
import { loadedEnvFile } from './env-file.ts';
import { KNOWN_VARIABLES } from './known-variables.ts';
import { unknownVariables } from './unknown-variables.ts';

/** What a person should hear of the .env file and the environment before the settings are read; a sentence each. */
export function startupNotes(environment: Environment = process.env): readonly string[] {
  const { names, notes } = loadedEnvFile();
  return [...notes, ...unknownVariables({ inFile: names, inEnvironment: Object.keys(environment) }, KNOWN_VARIABLES)];
}

/** Notes as they stand on standard error, each on its line. */
export function describeNotes(notes: readonly string[]): string {
  return notes.map((note) => `Note: ${note}${/[.?]$/.test(note) ? '' : '.'}\n`).join('');
}
