import { connect } from 'node:net';
import type { PeerServer } from './peer-server.ts';
import { findProgram } from './programs.ts';
import { freePort } from '../../../run/free-port.ts';
import { ServerProcess } from './server-process.ts';

const ANSWER_WITHIN_MS = 1_000;

/** Redis that answers a write when it is on the disk. */
export async function startRedis(folder: string): Promise<PeerServer> {
  const port = await freePort();
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'always',
    // BullMQ's documentation asks for it.
    'maxmemory-policy': 'noeviction',
    save: '',
  };
  const server = new ServerProcess({
    program: findProgram('redis-server') ?? 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    cwd: folder,
    account: undefined,
    isReady: () => ping(port),
    stopSignal: 'SIGTERM',
  });
  await server.start();
  return {
    connection: `redis://127.0.0.1:${port}`,
    dataFolder: folder,
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

/** Answers -LOADING while it reads its file. */
function ping(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const done = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => done(false));
    socket.on('data', (data) => done(data.toString('latin1').startsWith('+PONG')));
    socket.on('error', () => done(false));
  });
}
