import { isObject } from './is-object.ts';

export interface Answer {
  readonly status: number;
  /** Undefined when the answer does not say, in seconds or as a date. */
  readonly retryAfterMs: number | undefined;
  /** Parsed JSON; undefined when it is none. */
  readonly body: unknown;
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** 30 000 by default. */
  readonly timeoutMs?: number;
}

/**
 * One HTTP call; any status is an answer. @throws when there is none: a network fault, the timeout, or an abort of
 * `signal`.
 */
export async function call(
  url: string,
  { method = 'GET', headers = {}, body, signal, timeoutMs = 30_000 }: CallOptions,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    // A redirected POST would become a GET.
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const text = await response.text();
  return {
    status: response.status,
    retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
    body: parseJson(text),
  };
}

/** What an error of `call` means to a reader. */
export function describeFault(error: unknown): string {
  if (!isObject(error)) return 'no answer';
  if (error['name'] === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  return isObject(cause) && typeof cause['code'] === 'string' ? `no answer (${cause['code']})` : 'no answer';
}

/** The message and issues of an error answer, in one line. */
export function describeRefusal({ status, body }: Answer): string {
  const error = isObject(body) ? body['error'] : undefined;
  if (!isObject(error) || typeof error['message'] !== 'string') return `status ${status}`;
  const issues = Array.isArray(error['issues']) ? error['issues'] : [];
  const details = issues.filter(isObject).map((issue) => `${String(issue['path'])} ${String(issue['message'])}`);
  return `status ${status}, ${[error['message'], ...details].join('; ')}`;
}

function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
