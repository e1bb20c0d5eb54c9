import { execFile } from 'node:child_process';
import { chownSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PeerServer } from './peer-server.ts';
import { findProgram } from './programs.ts';
import { freePort } from '../../../run/free-port.ts';
import { ServerProcess, type Account } from './server-process.ts';

const run = promisify(execFile);

const USER = 'bench';
const NOBODY = 'nobody';

/** What somebody sets who gives a small machine to PostgreSQL; durability as it is by default, but said. */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '1GB',
  max_wal_size: '4GB',
  max_connections: '200',
};

/** Made once with initdb; every server starts on a copy. */
export interface PostgresTemplate {
  readonly folder: string;
  readonly account: Account | undefined;
}

/** @param folder empty, and reachable by every user when we are root */
export async function makePostgresTemplate(folder: string): Promise<PostgresTemplate> {
  const account = process.getuid?.() === 0 ? serverAccount() : undefined;
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  await run(requireProgram('initdb'), ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C'], {
    cwd: folder,
    ...account,
  });
  return { folder: data, account };
}

export async function startPostgres(template: PostgresTemplate, folder: string): Promise<PeerServer> {
  const { account } = template;
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  // As the server's own user: a copy made by root would belong to root.
  if (account === undefined) await cp(template.folder, data, { recursive: true });
  else await run('cp', ['-a', template.folder, data], { cwd: folder, ...account });
  const port = await freePort();
  const settings = { ...SETTINGS, port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  const server = new ServerProcess({
    program: requireProgram('postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    cwd: data,
    account,
    isReady: () => isReady(port),
    // "Fast": ends sessions, writes a checkpoint.
    stopSignal: 'SIGINT',
  });
  await server.start();
  return {
    connection: `postgres://${USER}@127.0.0.1:${port}/postgres`,
    dataFolder: data,
    get pid() {
      return server.pid;
    },
    restart: async (whileDown) => {
      await server.stop();
      whileDown?.();
      await server.start();
    },
    stop: (signal) => server.stop(signal),
  };
}

/** PostgreSQL refuses to run as root: its own user when the package has made one, else nobody. */
function serverAccount(): Account {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === NOBODY);
  if (found === undefined)
    throw new Error(
      'PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody to run it as',
    );
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

async function isReady(port: number): Promise<boolean> {
  try {
    await run(requireProgram('pg_isready'), ['-h', '127.0.0.1', '-p', String(port), '-q']);
    return true;
  } catch {
    // Exit code 1 and 2: not yet.
    return false;
  }
}

function requireProgram(name: string): string {
  const program = findProgram(name);
  if (program === undefined) throw new Error(`${name} is not installed`);
  return program;
}
