import { Type } from 'typebox';
import { HttpCallError } from '../platform/http-client/http-call-error.ts';
import { createHttpClient, type HttpAnswer, type HttpClient } from '../platform/http-client/http-client.ts';
import { retryAfterMs } from '../platform/http-client/retry-after.ts';
import type { Clock } from '../platform/ports/clock.ts';
import { systemClock } from '../platform/lifecycle/system-clock.ts';
import { callMeasurement } from '../platform/telemetry/measure-calls.ts';
import { throttledCalls } from '../platform/telemetry/metric-definitions.ts';
import type { Telemetry } from '../platform/telemetry/telemetry.ts';
import { compileValidator } from '../platform/validation/validator.ts';
import { TelegramApiError, TelegramCallError } from './errors.ts';
import { MAX_PAUSE_MS } from './pause.ts';

/** Above the 8 s for which Telegram's own client may hold a call back before it answers (tdlib/td). */
export const TELEGRAM_TIMEOUT_MS = 30_000;

/** The pause that a 429 orders whose retry_after is missing or no number. */
export const DEFAULT_RETRY_AFTER_SECONDS = 60;

/** A hundred updates of the kinds that we ask for are a third of it. */
const MAX_ANSWER_BYTES = 1_048_576;

export interface BotApi {
  /**
   * Calls a method of the Bot API and returns its `result`, which is there, but otherwise unchecked.
   * @throws TelegramApiError when Telegram answered with an error. Its words are safe to store and to show.
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
    result: Type.Optional(Type.Unknown()),
    error_code: Type.Optional(Type.Integer()),
    description: Type.Optional(Type.String()),
    parameters: Type.Optional(
      Type.Object({ retry_after: Type.Optional(Type.Unknown()), migrate_to_chat_id: Type.Optional(Type.Integer()) }),
    ),
  }),
);

export interface BotApiSettings {
  /** https://api.telegram.org or a self-hosted Bot API server. */
  readonly apiRoot: string;
  readonly token: string;
  /** What else Telegram knows and must not be quoted with: the secret of the webhook. */
  readonly secrets?: readonly string[] | undefined;
}

/**
 * @throws ConfigError when the environment names a proxy that is none.
 */
export function createBotApi(settings: BotApiSettings, telemetry: Telemetry, clock: Clock = systemClock): BotApi {
  const http = createHttpClient({
    root: `${settings.apiRoot}/bot${settings.token}/`,
    secrets: [settings.token, ...(settings.secrets ?? [])],
    maxAnswerBytes: MAX_ANSWER_BYTES,
  });
  const measure = callMeasurement(telemetry, settings.apiRoot);
  const attempt = async (method: string, parameters: object, options: CallOptions): Promise<unknown> => {
    const answer = await measure(`/bot{token}/${method}`, () => post(http, method, parameters, options));
    if (answer.status === 429) telemetry.series(throttledCalls, { method }).record(1);
    return readResult(answer, clock);
  };
  return {
    call: (method, parameters = {}, options = {}) =>
      http.repeat(() => attempt(method, parameters, options), {
        times: 2,
        afterMs: 100,
        // The only fault that is safe to repeat at once: Telegram cannot have seen the call.
        isSafe: (error) =>
          error instanceof TelegramCallError &&
          error.cause instanceof HttpCallError &&
          error.cause.fault === 'never_connected',
      }),
    close: () => http.close(),
  };
}

async function post(http: HttpClient, method: string, parameters: object, options: CallOptions): Promise<HttpAnswer> {
  try {
    const answer = await http.post(method, parameters, {
      timeoutMs: options.timeoutMs ?? TELEGRAM_TIMEOUT_MS,
      signal: options.signal,
    });
    if (answer.serverTimeMs !== undefined) options.onServerTime?.(answer.serverTimeMs);
    return answer;
  } catch (error) {
    if (!(error instanceof HttpCallError)) throw error;
    const unreadable = error.fault === 'unreadable';
    throw new TelegramCallError(
      unreadable ? `Telegram's answer to ${method} cannot be read` : `Telegram did not answer ${method}`,
      { cause: error, unreadable },
    );
  }
}

/**
 * Success is what Telegram documents: a status of 2xx, `ok: true`, and a result. An error counts by its status,
 * and by nothing else in it.
 */
function readResult(answer: HttpAnswer, clock: Clock): unknown {
  const isSuccess = answer.status >= 200 && answer.status < 300;
  const form = validateAnswer(parsed(answer.text));
  const body = form.valid ? form.value : undefined;
  if (isSuccess && body?.ok === true && body.result !== undefined) return body.result;
  const errorCode = body?.ok === false ? (body.error_code ?? answer.status) : answer.status;
  if (errorCode < 300) throw new TelegramCallError('Telegram sent an answer that cannot be read', { unreadable: true });
  const { description, parameters } = body ?? {};
  throw new TelegramApiError({
    errorCode,
    description: description === undefined ? 'no description' : answer.quote(description),
    retryAfterSeconds: errorCode === 429 ? retryAfterSeconds(parameters?.retry_after, answer, clock) : undefined,
    migrateToChatId: parameters?.migrate_to_chat_id,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function retryAfterSeconds(parameter: unknown, answer: HttpAnswer, clock: Clock): number {
  const told = Number(parameter);
  const header = retryAfterMs(answer.header('retry-after'), {
    serverTimeMs: answer.serverTimeMs,
    now: clock.now(),
    maxMs: MAX_PAUSE_MS,
  });
  const seconds = told > 0 ? told : (header ?? 0) / 1_000;
  return Math.min(seconds > 0 ? seconds : DEFAULT_RETRY_AFTER_SECONDS, MAX_PAUSE_MS / 1_000);
}
