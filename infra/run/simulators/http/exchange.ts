import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';

export interface Answer {
  readonly status: number;
  /** An object is sent as JSON, a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body as text. @throws when the caller goes away before it is complete. */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the caller went away')));
  });
}

/** The parsed text, or undefined when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function send(response: ServerResponse, answer: Answer): void {
  const json = typeof answer.body !== 'string';
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
  response
    .writeHead(answer.status, {
      'content-type': json ? 'application/json' : 'text/plain',
      'content-length': Buffer.byteLength(body),
      ...answer.headers,
    })
    .end(body);
}

export interface Exchange {
  readonly response: ServerResponse;
  readonly fault: Fault | undefined;
  readonly work: () => Answer | Promise<Answer>;
  readonly tooManyRequests: (retryAfter: number | string | undefined) => Answer;
}

/**
 * Goes through one call with the fault that was scripted for it. Returns undefined when the caller is to get no answer.
 */
export async function conclude({ response, fault, work, tooManyRequests }: Exchange): Promise<Answer | undefined> {
  switch (fault?.kind) {
    case undefined:
      return work();
    case 'answer':
      return fault;
    case 'too-many-requests':
      return tooManyRequests(fault.retryAfter);
    case 'delay':
      await pause(fault.ms, response);
      return work();
    case 'disconnect':
      if (fault.afterWork) await work();
      response.destroy();
      return undefined;
    case 'hang':
      if (fault.afterWork) await work();
      return undefined;
  }
}

/** Ends early when the connection does, so that no timer outlives the server. */
function pause(durationMs: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      response.off('close', finish);
      resolve();
    };
    const timer = setTimeout(finish, durationMs);
    response.once('close', finish);
  });
}
