import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly json: unknown;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A string or bytes go out as they are, anything else as JSON. */
  readonly body?: unknown;
  /** Sent in pieces, without a Content-Length. */
  readonly chunked?: boolean;
}

const TIMEOUT_MS = 60_000;

/**
 * One request on a connection of its own: a kept one might lead to a process that was killed since.
 * @throws when there is no complete answer.
 */
export function send(url: string, { method = 'GET', headers = {}, body, chunked = false }: Sent = {}): Promise<Answer> {
  const bytes = toBytes(body);
  const length = bytes === undefined || chunked ? {} : { 'content-length': String(bytes.length) };
  return new Promise((resolve, reject) => {
    const call = request(url, { method, agent: false, headers: { ...length, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
      });
    });
    call.setTimeout(TIMEOUT_MS, () => call.destroy(new Error('no answer in time')));
    call.on('error', reject);
    if (bytes === undefined) call.end();
    else if (!chunked) call.end(bytes);
    else {
      for (let at = 0; at < bytes.length; at += 16_384) call.write(bytes.subarray(at, at + 16_384));
      call.end();
    }
  });
}

function toBytes(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
