import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A TCP server on loopback that answers bytes, for what no HTTP server would send. */
export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** Connections so far, and those that are still open. */
  readonly connections: number;
  readonly open: number;
  close(): Promise<void>;
}

/** `answer` is called with the first bytes of each request of a connection. */
export async function startRawServer(answer: (socket: Socket, request: Buffer) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (request: Buffer) => answer(socket, request));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** A whole HTTP answer. */
export function httpAnswer(
  body: Buffer | string,
  headers: Readonly<Record<string, string>> = {},
  status = '200 OK',
): Buffer {
  const bytes = Buffer.from(body);
  const lines = Object.entries({ 'Content-Length': String(bytes.length), ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`), bytes]);
}
