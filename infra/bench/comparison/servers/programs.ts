import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian and its relatives keep the programs of each PostgreSQL version. */
const DEBIAN_POSTGRES = '/usr/lib/postgresql';

export const INSTALL_COMMAND = 'apt-get install -y redis-server postgresql';

/** The full path of a program, or undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...postgresFolders()];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** The newest first. */
function postgresFolders(): string[] {
  if (!existsSync(DEBIAN_POSTGRES)) return [];
  return readdirSync(DEBIAN_POSTGRES)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN_POSTGRES, version, 'bin'));
}

/** Programs of the servers that are not there. */
export function missingPrograms(): readonly string[] {
  return ['redis-server', 'initdb', 'postgres', 'pg_isready'].filter((name) => findProgram(name) === undefined);
}
