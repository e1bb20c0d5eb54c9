import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { HttpError, refusalBody, statusOfCode } from './http-error.ts';

/**
 * Requests that wait for their turn behind another one on the same connection. Clients that send ahead at all have a
 * handful.
 */
const MOST_WAITING = 100;

const REFUSAL = new HttpError(
  'too_many_requests',
  'Too many requests wait on this connection; please take their answers first',
);

/** Node works on every request of a connection, whether or not its answers are taken. */
export class Pipelines {
  readonly #waiting = new WeakMap<Socket, number>();

  /**
   * False: the request is refused and its connection will be closed; what comes behind it is neither read nor answered.
   */
  admit({ socket }: IncomingMessage, response: ServerResponse): boolean {
    // Nothing is ahead of it.
    if (response.socket !== null) return true;
    const waiting = (this.#waiting.get(socket) ?? 0) + 1;
    this.#waiting.set(socket, waiting);
    if (waiting <= MOST_WAITING) {
      response.once('close', () => this.#waiting.set(socket, (this.#waiting.get(socket) ?? 0) - 1));
      return true;
    }
    if (waiting === MOST_WAITING + 1) {
      socket.pause();
      response
        .writeHead(statusOfCode[REFUSAL.code], {
          'Content-Type': 'application/json; charset=utf-8',
          Connection: 'close',
        })
        .end(JSON.stringify(refusalBody(REFUSAL)));
    }
    return false;
  }
}
