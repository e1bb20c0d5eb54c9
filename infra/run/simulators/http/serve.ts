import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { send } from './exchange.ts';
import type { Answer } from './exchange.ts';

/**
 * Returns what to answer, or undefined to leave the connection as it is.
 * `target` is the request's path and query, without the prefix that the listener is mounted under.
 */
export type Listener = (
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
) => Promise<Answer | undefined>;

export interface RunningServer {
  /** `http://host:port`, without a trailing slash. */
  readonly url: string;
  /** Set once; a request can arrive only after the caller's turn has ended. */
  listen(listener: Listener): void;
  /** Ends open connections too: a hanging answer must not hold up a test. */
  close(): Promise<void>;
}

// Far above any client's own idle time, so that only a scripted fault ever cuts a connection that is being reused.
const KEEP_ALIVE_MS = 10 * 60_000;

/** @throws when the port is taken. */
export async function openServer(port = 0, host = '127.0.0.1'): Promise<RunningServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${String(address.port)}`,
    listen: (listener) => {
      server.on('request', (request, response) => {
        void run(listener, request, response, request.url ?? '/');
      });
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function run(
  listener: Listener,
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
): Promise<void> {
  try {
    const answer = await listener(request, response, target);
    if (answer !== undefined) send(response, answer);
  } catch (error) {
    // A caller that hung up in mid-request needs no answer; anything else is a fault of the simulator and shows as one.
    if (request.complete) send(response, { status: 500, body: `simulator failed: ${String(error)}\n` });
    else response.destroy();
  }
}

/** Each listener under its prefix (`/telegram`); anything else is a 404. */
export function mount(listeners: Readonly<Record<string, Listener>>): Listener {
  const mounted = Object.entries(listeners);
  const notFound: Answer = { status: 404, body: `nothing here; try ${Object.keys(listeners).join(', ')}\n` };
  return async (request, response, target) => {
    const found = mounted.find(([prefix]) => target.startsWith(prefix) && '/?'.includes(target.charAt(prefix.length)));
    return found === undefined ? notFound : found[1](request, response, target.slice(found[0].length));
  };
}
