import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance } from 'axios';
import pRetry from 'p-retry';
import { quoteOutside } from '../log/quote-outside.ts';
import { configuredProxy } from './config.ts';
import { HttpCallError, type CallFault } from './http-call-error.ts';
import type { OutboundProxy } from './proxy.ts';
import { ACCEPTED_ENCODINGS, readAnswer, tooLarge } from './read-answer.ts';

export interface HttpClientOptions {
  /** Scheme, host and what all paths begin with. */
  readonly root: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Keys and tokens in root, headers and bodies: nothing that is quoted shows them. */
  readonly secrets: readonly string[];
  /** A longer answer is none, as it comes and as it is inflated. */
  readonly maxAnswerBytes: number;
  /** That of this process's environment by default. */
  readonly proxy?: OutboundProxy | undefined;
}

export interface CallLimits {
  /** From the first packet to the last byte of the answer, however slowly it comes. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** As it came. What is shown or stored of it goes through `quote` first. */
  readonly text: string;
  /** In small letters; undefined when there is none. */
  header(name: string): string | undefined;
  /** What its Date header says, in whole seconds; undefined without one. */
  readonly serverTimeMs: number | undefined;
  /** Some of its words, without secrets, invite links and every text that this call has sent. */
  quote(words: string): string;
}

export interface HttpClient {
  /**
   * Posts `body` as JSON and returns the answer, with any status; a redirect is an answer. No quote shows
   * `confidential`, which is the whole body by default. @throws HttpCallError
   */
  post(
    path: string,
    body: object,
    limits: CallLimits & { readonly headers?: Readonly<Record<string, string>>; readonly confidential?: unknown },
  ): Promise<HttpAnswer>;
  /**
   * Does `work`, and does it again while it fails with what `isSafe` names. It begins no further time once `close` was
   * called: a call that was cut comes again with its message, and would hold up the end of the process here.
   * @throws what the last time threw
   */
  repeat<Result>(work: () => Promise<Result>, repeats: Repeats): Promise<Result>;
  /** Aborted by `close`. */
  readonly closing: AbortSignal;
  /** Cuts every connection. */
  close(): void;
}

export interface Repeats {
  /** Further times at most. */
  readonly times: number;
  /** Before the first of them; doubled before each further one. */
  readonly afterMs: number;
  /** Whether the other side cannot have taken the call, or takes it once however often it comes. */
  readonly isSafe: (error: Error) => boolean;
}

/** The connection was never made. A proxy that makes no tunnel has passed nothing on either. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_PROXY_TUNNEL',
]);
const TIMED_OUT = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED']);

/**
 * For calls of one outside system. Connections are kept and used again. @throws ConfigError when the proxy of the
 * environment is no URL.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const proxy = 'proxy' in options ? options.proxy : configuredProxy(options.root);
  const agents = agentsFor(proxy);
  const http = axios.create({
    ...agents,
    // Node's own agent goes through the proxy and keeps its tunnels. Without one nothing else may find one in the
    // environment.
    ...(proxy === undefined ? { proxy: false } : {}),
    baseURL: options.root,
    headers: { 'Accept-Encoding': ACCEPTED_ENCODINGS, ...options.headers },
    maxRedirects: 0,
    validateStatus: () => true,
    responseType: 'arraybuffer',
    // Inflated by readAnswer, so that both sizes are bounded: many bytes can also be inflated to none.
    decompress: false,
    maxContentLength: options.maxAnswerBytes,
  });
  const closing = new AbortController();
  return {
    closing: closing.signal,
    repeat: (work, { times, afterMs, isSafe }) =>
      pRetry(work, {
        retries: times,
        minTimeout: afterMs,
        shouldRetry: ({ error }) => !closing.signal.aborted && isSafe(error),
      }),
    post: (path, body, { headers = {}, confidential = body, ...limits }) => {
      const quote = (words: string): string => quoteOutside(words, { secrets: options.secrets, sent: confidential });
      return post(http, { path, body, headers, quote, maxAnswerBytes: options.maxAnswerBytes }, limits);
    },
    close: () => {
      closing.abort();
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

function agentsFor(proxy: OutboundProxy | undefined): {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
} {
  const settings = {
    keepAlive: true,
    ...(proxy === undefined ? {} : { proxyEnv: { http_proxy: proxy.url, https_proxy: proxy.url } }),
  };
  return { httpAgent: new HttpAgent(settings), httpsAgent: new HttpsAgent(settings) };
}

interface Call {
  readonly path: string;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
  readonly quote: (words: string) => string;
  readonly maxAnswerBytes: number;
}

async function post(
  http: AxiosInstance,
  { path, body, headers, quote, maxAnswerBytes }: Call,
  { timeoutMs, signal }: CallLimits,
): Promise<HttpAnswer> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const response = await http.post<Buffer>(path, body, {
      headers,
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    });
    const header = (name: string): string | undefined => {
      const value: unknown = response.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const serverTimeMs = Date.parse(header('date') ?? '');
    return {
      status: response.status,
      text: await readAnswer(response.data, header('content-encoding'), maxAnswerBytes),
      header,
      serverTimeMs: Number.isNaN(serverTimeMs) ? undefined : serverTimeMs,
      quote,
    };
  } catch (error) {
    if (error instanceof HttpCallError) throw error;
    if (deadline.aborted) throw new HttpCallError('timed_out', 'ETIMEDOUT', `no whole answer within ${timeoutMs} ms`);
    throw callError(error, quote, maxAnswerBytes);
  }
}

// An axios error carries the request with its URL, headers and body: only its code and its words go on.
function callError(error: unknown, quote: (words: string) => string, maxAnswerBytes: number): HttpCallError {
  const { code, message } =
    error instanceof Error ? (error as Error & { readonly code?: unknown }) : { code: undefined, message: '' };
  const known = typeof code === 'string' ? code : 'unknown_failure';
  // axios gives many faults this code; its own limit is told by its words alone.
  if (known === 'ERR_BAD_RESPONSE' && message.startsWith('maxContentLength')) return tooLarge(maxAnswerBytes);
  return new HttpCallError(faultOf(known), known, quote(message));
}

function faultOf(code: string): CallFault {
  if (NEVER_CONNECTED.has(code)) return 'never_connected';
  return TIMED_OUT.has(code) ? 'timed_out' : 'broken_off';
}
