import { EventEmitter, once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SERVICES } from '@paid-community/shared/topology.ts';

/** One request to a service, and what became of it. */
export interface Relayed {
  readonly service: string;
  /** Of the message or task that it brings; undefined for the requests of others. */
  readonly deliveryId: string | undefined;
  /**
   * The status of the answer; `refused` when nobody listened, `cut` when the connection broke before the answer was
   * complete.
   */
  readonly outcome: number | 'refused' | 'cut';
}

/**
 * Stands before every service and notes what goes through. It changes nothing: where the service breaks off, so does
 * the relay, and it neither waits nor tries again.
 */
export class Relay {
  readonly #relayed: Relayed[] = [];
  readonly #targets: ReadonlyMap<string, number>;
  readonly #servers = new Map<string, Server>();
  readonly #forwarded = new EventEmitter();

  private constructor(targets: ReadonlyMap<string, number>) {
    this.#targets = targets;
  }

  /** `targets` are the ports of the services. */
  static async start(targets: ReadonlyMap<string, number>): Promise<Relay> {
    const relay = new Relay(targets);
    for (const service of SERVICES) {
      const server = createServer((incoming, response) => relay.#take(service, incoming, response));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      relay.#servers.set(service, server);
    }
    return relay;
  }

  get relayed(): readonly Relayed[] {
    return this.#relayed;
  }

  /** Where the relay stands for a service. */
  portOf(service: string): number {
    return (this.#servers.get(service)?.address() as AddressInfo).port;
  }

  urlOf(service: string): string {
    return `http://127.0.0.1:${this.portOf(service)}`;
  }

  /** Resolves when the next request goes on to the service. @throws AbortError */
  async nextRequest(service: string, signal: AbortSignal): Promise<void> {
    await once(this.#forwarded, service, { signal });
  }

  /** Messages and tasks that met a service which was gone, or that took them with it. */
  get interrupted(): ReadonlySet<string> {
    return new Set(
      this.#relayed.flatMap(({ deliveryId, outcome }) =>
        deliveryId !== undefined && typeof outcome === 'string' ? [deliveryId] : [],
      ),
    );
  }

  get acknowledged(): ReadonlySet<string> {
    return new Set(
      this.#relayed.flatMap(({ deliveryId, outcome }) =>
        deliveryId !== undefined && outcome === 200 ? [deliveryId] : [],
      ),
    );
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#servers.values()].map(async (server) => {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      }),
    );
  }

  #take(service: string, incoming: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const deliveryId = deliveryIdOf(incoming, body);
      const note = (outcome: Relayed['outcome']): void => void this.#relayed.push({ service, deliveryId, outcome });
      const breakOff = (error: NodeJS.ErrnoException): void => {
        note(error.code === 'ECONNREFUSED' ? 'refused' : 'cut');
        incoming.socket.destroy();
      };
      const { method, url: path, headers } = incoming;
      // A connection of its own: a kept one might lead to a process that was killed since.
      const options = {
        host: '127.0.0.1',
        port: this.#targets.get(service),
        method,
        path,
        headers: { ...headers, connection: 'close' },
        agent: false,
      };
      const call = request(options, (answer) => {
        const answered: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => answered.push(chunk));
        answer.on('error', breakOff);
        answer.on('end', () => {
          note(answer.statusCode ?? 0);
          response.writeHead(answer.statusCode ?? 0, answer.headers).end(Buffer.concat(answered));
        });
      });
      call.on('error', breakOff);
      call.end(body);
      this.#forwarded.emit(service);
    });
  }
}

function deliveryIdOf({ url, headers }: IncomingMessage, body: Buffer): string | undefined {
  const task = headers['x-cloudtasks-taskname'];
  if (typeof task === 'string') return task;
  if (url?.startsWith('/pubsub/') !== true) return undefined;
  const { message } = JSON.parse(body.toString()) as { message: { messageId: string } };
  return message.messageId;
}
