import { once } from 'node:events';
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type Koa from 'koa';
import { explainListenError } from './explain-listen-error.ts';
import { HttpError, refusalBody, statusOfCode } from './http-error.ts';
import { Pipelines } from './pipelines.ts';

/**
 * Counted from the first byte of a request, and from the opening of a connection; an idle one that is kept has
 * `keepAliveMs`.
 */
const HEAD_MS = 10_000;
/** The last resort behind the deadlines of the bodies, the longest of which this is above. */
const REQUEST_MS = 120_000;
const CHECK_EVERY_MS = 1_000;
/** Each costs some 20 KB. When they are all taken, those that are idle have to go. */
const MOST_CONNECTIONS = 10_000;

/**
 * Connections that wait to be accepted, as many as Linux allows. Beyond Node's 511, a caller in a rush would wait a
 * second for the next try.
 */
const BACKLOG = 4_096;

/** Above the minute for which balancers keep a connection (AWS 60 s, nginx 60 s): we must not be the first to close. */
const DEFAULT_KEEP_ALIVE_MS = 65_000;

export interface ServerOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  /** How long a connection without a request is kept. */
  readonly keepAliveMs?: number;
  /** How long the head of a request may take. */
  readonly headMs?: number;
}

/**
 * Listens, and resolves with the server and its port. A connection that stands still anywhere is cut within seconds.
 */
export async function listen(
  app: Koa,
  { port, host, keepAliveMs = DEFAULT_KEEP_ALIVE_MS, headMs = HEAD_MS }: ServerOptions,
): Promise<{ readonly server: Server; readonly port: number }> {
  const answer = app.callback();
  const pipelines = new Pipelines();
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    if (pipelines.admit(request, response)) void answer(request, response);
  };
  const server = createServer(
    {
      headersTimeout: headMs,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, headMs),
      keepAliveTimeout: keepAliveMs,
      // A header that comes twice is seen twice: of two Authorization headers Node would hand on the first, and another
      // server another one.
      joinDuplicateHeaders: true,
      // Ours to refuse, in the form of every other refusal.
      requireHostHeader: false,
    },
    take,
  );
  // Other expectations than 100-continue may be left alone: https://www.rfc-editor.org/rfc/rfc9110.html#section-10.1.1
  server.on('checkExpectation', take);
  server.on('clientError', refuseBytes);
  server.maxConnections = MOST_CONNECTIONS;
  server.on('drop', () => server.closeIdleConnections());
  server.listen({ port, host, backlog: BACKLOG });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explainListenError(error, { port, host });
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return { server, port: address.port };
}

/** What could not be read as a request is refused in the form of every other refusal. */
function refuseBytes(error: Error & { readonly code?: string }, connection: Duplex): void {
  // Gone, or in the middle of another answer, which this one would become a part of.
  if (!connection.writable || connection.writableLength > 0) {
    connection.destroy();
    return;
  }
  const refusal = REFUSALS[error.code ?? ''] ?? NO_REQUEST;
  const status = statusOfCode[refusal.code];
  const body = JSON.stringify(refusalBody(refusal));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  connection.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  connection.destroy();
}

/** By Node's and llhttp's code of what was wrong. */
const REFUSALS: Readonly<Record<string, HttpError>> = {
  ERR_HTTP_REQUEST_TIMEOUT: new HttpError('request_timeout', 'The request did not arrive in time'),
  HPE_HEADER_OVERFLOW: new HttpError('headers_too_large', 'The head of the request is too large'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new HttpError('payload_too_large', 'The chunk extensions of the body are too large'),
};
const NO_REQUEST = new HttpError('invalid_request', 'This is not a request of HTTP/1.1');
