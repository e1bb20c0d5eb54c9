import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from '@paid-community/shared/platform/config/settings.ts';
import { errorCode } from '@paid-community/shared/platform/ports/errors.ts';
import { parseEnvFile } from './parse-env-file.ts';

export interface LoadedEnvFile {
  /** The variables that it names. */
  readonly names: readonly string[];
  /** What is wrong with it and stops nothing; a sentence each. */
  readonly notes: readonly string[];
}

let loaded: LoadedEnvFile = { names: [], notes: [] };

/** What `loadEnvFile` has found; nothing when this process reads no file, as in tests and containers. */
export function loadedEnvFile(): LoadedEnvFile {
  return loaded;
}

/**
 * Sets the variables of `file`, where there is one; those that the environment has already win. @throws ConfigError
 * when it cannot be read.
 */
export function loadEnvFile(file: string, environment: Record<string, string | undefined>): void {
  const bytes = read(file);
  if (bytes === undefined) return;
  const { values, notes } = parseEnvFile(bytes, file);
  for (const [name, value] of Object.entries(values)) environment[name] ??= value;
  loaded = { names: Object.keys(values), notes: [...openToOthers(file), ...notes, ...readTooLate(values, file)] };
}

function read(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new ConfigError([
      `${file} cannot be read (${errorCode(error)}): correct its owner and permissions, or remove it`,
    ]);
  }
}

function openToOthers(file: string): readonly string[] {
  const others = statSync(file).mode & 0o077;
  return others === 0 || process.platform === 'win32'
    ? []
    : [`${file} holds secrets, and other users of this machine can read it: chmod 600 ${file}`];
}

/** Node has read these before it reads a file. */
function readTooLate(values: Readonly<Record<string, string>>, file: string): readonly string[] {
  const names = Object.keys(values).filter((name) => name.startsWith('NODE_'));
  return names.length === 0
    ? []
    : [
        `${names.join(' and ')} in ${file} ${names.length === 1 ? 'does' : 'do'} nothing there: set ${names.length === 1 ? 'it' : 'them'} in the shell`,
      ];
}
