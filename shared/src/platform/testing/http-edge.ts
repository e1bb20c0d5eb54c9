import { connect, type Socket } from 'node:net';
import { createApp } from '../http/app.ts';
import { listen, type ServerOptions } from '../http/http-server.ts';
import type { Route } from '../http/route.ts';
import { noTelemetry } from '../telemetry/telemetry.ts';
import { silentLog } from './temporary-backend.ts';

export interface HttpEdge {
  readonly url: string;
  /** A connection with these bytes written; all that comes back is kept in `received`. */
  readonly dial: (bytes: string | Buffer) => Dialed;
  readonly close: () => Promise<void>;
}

export interface Dialed {
  readonly socket: Socket;
  readonly received: () => string;
  readonly closed: () => boolean;
}

/** Routes as every service serves them, on a free port. */
export async function openHttpEdge(routes: readonly Route[], options: Partial<ServerOptions> = {}): Promise<HttpEdge> {
  const { server, port } = await listen(createApp(routes, silentLog, noTelemetry), {
    port: 0,
    host: '127.0.0.1',
    ...options,
  });
  return {
    url: `http://127.0.0.1:${port}`,
    dial: (bytes) => dial(port, bytes),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function dial(port: number, bytes: string | Buffer): Dialed {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  let closed = false;
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  socket.on('close', () => (closed = true)).on('error', () => undefined);
  socket.write(bytes);
  return { socket, received: () => received, closed: () => closed };
}
