import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import pRetry from 'p-retry';
import { Type } from 'typebox';
import { callMeasurement } from '../telemetry/measure-calls.ts';
import { throttledCalls } from '../telemetry/metric-definitions.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { compileValidator } from '../validation/validator.ts';
import { TelegramApiError, TelegramCallError } from './errors.ts';
import { MAX_RETRY_AFTER_SECONDS } from './retry-after.ts';

/** Above the 8 s for which Telegram's own client may hold a call back before it answers (tdlib/td). */
export const TELEGRAM_TIMEOUT_MS = 30_000;

/** A 429 whose retry_after is missing or no number stops the bot for so long. */
export const DEFAULT_RETRY_AFTER_SECONDS = 60;

/** The connection was never made, so Telegram cannot have seen the call: the only faults that are safe to repeat at once. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

export interface BotApi {
  /**
   * Calls a method of the Bot API and returns its `result`, unchecked.
   * @throws TelegramApiError when Telegram answered with an error.
   * @throws TelegramCallError when there was no readable answer.
   */
  call(method: string, parameters?: object, options?: CallOptions): Promise<unknown>;
  /** Closes idle connections. */
  close(): void;
}

export interface CallOptions {
  /** TELEGRAM_TIMEOUT_MS by default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Told what the answer's Date header says, whole seconds as ms since the epoch; not called without one. */
  readonly onServerTime?: (serverTimeMs: number) => void;
}

const validateAnswer = compileValidator(
  Type.Object({
    ok: Type.Boolean(),
    error_code: Type.Optional(Type.Integer()),
    description: Type.Optional(Type.String()),
    parameters: Type.Optional(Type.Object({ retry_after: Type.Optional(Type.Unknown()), migrate_to_chat_id: Type.Optional(Type.Integer()) })),
  }),
);

/** `apiRoot` is https://api.telegram.org or a self-hosted Bot API server. */
export function createBotApi(settings: { readonly apiRoot: string; readonly token: string }, telemetry: Telemetry = noTelemetry): BotApi {
  const agents = { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new HttpsAgent({ keepAlive: true }) };
  const http: AxiosInstance = axios.create({
    ...agents,
    baseURL: `${settings.apiRoot}/bot${settings.token}/`,
    maxRedirects: 0,
    validateStatus: () => true,
  });
  const measure = callMeasurement(telemetry, settings.apiRoot);
  const attempt = async (method: string, parameters: object, options: CallOptions): Promise<unknown> => {
    const response = await measure(`/bot{token}/${method}`, () => post(http, method, parameters, options));
    if (response.status === 429) telemetry.series(throttledCalls, { method }).record(1);
    return readAnswer(response);
  };
  return {
    call: (method, parameters = {}, options = {}) =>
      pRetry(() => attempt(method, parameters, options), {
        retries: 2,
        minTimeout: 100,
        shouldRetry: ({ error }) => error instanceof TelegramCallError && error.cause instanceof Error && isNeverConnected(error.cause),
      }),
    close: () => {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

async function post(http: AxiosInstance, method: string, parameters: object, options: CallOptions): Promise<AxiosResponse<unknown>> {
  const timeoutMs = options.timeoutMs ?? TELEGRAM_TIMEOUT_MS;
  try {
    // `timeout` covers the answer, the signal a connection that never comes about.
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    const response = await http.post<unknown>(method, parameters, { timeout: timeoutMs, signal });
    const serverTimeMs = Date.parse(String(response.headers['date']));
    if (!Number.isNaN(serverTimeMs)) options.onServerTime?.(serverTimeMs);
    return response;
  } catch (error) {
    throw new TelegramCallError(`Telegram did not answer ${method}`, { cause: withoutRequest(error) });
  }
}

// An axios error carries the request, whose URL holds the bot token: only its code and words go on.
function withoutRequest(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown failure');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return Object.assign(new Error(error.message), code === undefined ? {} : { code });
}

function isNeverConnected(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && NEVER_CONNECTED.has(error.code);
}

function readAnswer(response: AxiosResponse<unknown>): unknown {
  const answer = validateAnswer(response.data);
  if (answer.valid && answer.value.ok && response.status < 300) return (response.data as { result?: unknown }).result;
  if (response.status < 300 && !answer.valid) throw new TelegramCallError('Telegram sent an answer that cannot be read', { unreadable: true });
  const { error_code, description, parameters } = answer.valid ? answer.value : {};
  const errorCode = error_code ?? response.status;
  throw new TelegramApiError({
    errorCode,
    description: description ?? 'no description',
    retryAfterSeconds: errorCode === 429 ? retryAfterSeconds(parameters?.retry_after, response.headers['retry-after']) : undefined,
    migrateToChatId: parameters?.migrate_to_chat_id,
  });
}

function retryAfterSeconds(...candidates: readonly unknown[]): number {
  const seconds = candidates.map(Number).find((candidate) => candidate > 0);
  return Math.min(seconds ?? DEFAULT_RETRY_AFTER_SECONDS, MAX_RETRY_AFTER_SECONDS);
}
