import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HandlerCall {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** `X-CloudTasks-TaskName`. */
  readonly task: string;
  /** Answers now, when `answer` has returned 'later'. */
  respond(status: number): void;
}

export type Answer = { readonly status: number; readonly retryAfter?: string } | 'later' | 'disconnect';

/** What tasks are dispatched to. */
export interface Handler {
  readonly url: string;
  readonly calls: readonly HandlerCall[];
  /** Decides about each call; 200 by default. */
  answer: (call: HandlerCall) => Answer;
  close(): Promise<void>;
}

export async function startHandler(): Promise<Handler> {
  const calls: HandlerCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call: HandlerCall = {
        atMs: performance.now(),
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        task: String(request.headers['x-cloudtasks-taskname']),
        respond: (status) => response.writeHead(status).end(),
      };
      calls.push(call);
      conclude(response, handler.answer(call));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const handler: Handler = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answer: () => ({ status: 200 }),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return handler;
}

function conclude(response: ServerResponse, answer: Answer): void {
  if (answer === 'later') return;
  if (answer === 'disconnect') response.destroy();
  else
    response
      .writeHead(answer.status, answer.retryAfter === undefined ? {} : { 'Retry-After': answer.retryAfter })
      .end('done');
}
