import { hash } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { errorCode, errorMessage } from '@paid-community/shared/delivery/errors.ts';
import { callMeasurement } from '@paid-community/shared/telemetry/measure-calls.ts';
import { noTelemetry, type Telemetry } from '@paid-community/shared/telemetry/telemetry.ts';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import pRetry from 'p-retry';
import type { EventEmitterConfig } from '../config.ts';
import { errorOfAnswer, WebEngageCallError } from './errors.ts';

/** With both brief retries this stays under the ack deadline of the subscriptions (see the topology). */
export const WEBENGAGE_TIMEOUT_MS = 15_000;

/** One attempt and its brief repeats. */
export const WEBENGAGE_ATTEMPTS = 3;

const MAX_ANSWER_CHARACTERS = 500;

/** An event as WebEngage takes it (docs.webengage.com, POST /v1/accounts/{licence}/events). */
export interface WebEngageEvent {
  /** Our event id; the same id is taken once within 4 hours. */
  readonly eventId: string;
  /** The buyer, at most 100 characters. */
  readonly userId: string;
  /** Under 50 characters. */
  readonly eventName: string;
  /** When the thing happened. */
  readonly eventTime: Date;
  /** Strings under 1,000 characters. */
  readonly eventData: Readonly<Record<string, string>>;
}

export interface WebEngageAnswer {
  readonly status: number;
  readonly body: string;
}

export interface WebEngageClient {
  /** The data centre that it calls. */
  readonly apiRoot: string;
  /**
   * Resolves when WebEngage took the event (2xx).
   * @throws RetryableError on 401, 403, 404, 408, 429 and 5xx, or no answer; PermanentError on any other answer.
   */
  send(event: WebEngageEvent): Promise<WebEngageAnswer>;
  /**
   * A call that makes no event, for it says of nobody what: WebEngage refuses it for its body (400) once it has accepted key and licence.
   * Never repeated. @throws WebEngageCallError when there is no answer.
   */
  probe(timeoutMs: number): Promise<WebEngageAnswer & { readonly serverTimeMs: number | undefined }>;
  /** Cuts the connections, and repeats no call from now on. */
  close(): void;
}

export function createWebEngageClient(config: EventEmitterConfig, telemetry: Telemetry = noTelemetry): WebEngageClient {
  const agents = { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new HttpsAgent({ keepAlive: true }) };
  const http = axios.create({
    ...agents,
    baseURL: config.WEBENGAGE_API_ROOT,
    headers: { Authorization: `Bearer ${config.WEBENGAGE_API_KEY}` },
    timeout: WEBENGAGE_TIMEOUT_MS,
    maxRedirects: 0,
    // The answer is kept as it came, for the ledger.
    responseType: 'text',
    validateStatus: () => true,
  });
  let closed = false;
  const measure = callMeasurement(telemetry, config.WEBENGAGE_API_ROOT);
  const path = `/v1/accounts/${encodeURIComponent(config.WEBENGAGE_LICENSE_CODE)}/events`;
  return {
    apiRoot: config.WEBENGAGE_API_ROOT,
    send: async (event) => {
      // Repeating at once is safe: WebEngage drops what it has taken already, by x-request-id.
      const response = await pRetry(() => measure('/v1/accounts/{licence}/events', () => post(http, path, bodyOf(event), { requestId: requestIdHeader(event.eventId) })), {
        retries: WEBENGAGE_ATTEMPTS - 1,
        minTimeout: 200,
        // A call that `close` has cut comes again with its message; repeated here, it would hold up the end of the process.
        shouldRetry: ({ error }) => !closed && error instanceof WebEngageCallError && !error.timedOut,
      });
      const answer = answerOf(response);
      if (response.status < 200 || response.status > 299) throw errorOfAnswer(answer);
      return answer;
    },
    probe: async (timeoutMs) => {
      const response = await post(http, path, {}, { timeoutMs });
      const serverTimeMs = Date.parse(String(response.headers['date']));
      return { ...answerOf(response), serverTimeMs: Number.isNaN(serverTimeMs) ? undefined : serverTimeMs };
    },
    close: () => {
      closed = true;
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

function answerOf({ status, data }: AxiosResponse<string>): WebEngageAnswer {
  return { status, body: data.slice(0, MAX_ANSWER_CHARACTERS) };
}

function bodyOf({ userId, eventName, eventTime, eventData }: WebEngageEvent): object {
  return { userId, eventName, eventTime: formatEventTime(eventTime), eventData };
}

async function post(
  http: AxiosInstance,
  path: string,
  body: object,
  { requestId, timeoutMs = WEBENGAGE_TIMEOUT_MS }: { readonly requestId?: string; readonly timeoutMs?: number },
): Promise<AxiosResponse<string>> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    return await http.post<string>(path, body, { signal, timeout: timeoutMs, ...(requestId === undefined ? {} : { headers: { 'x-request-id': requestId } }) });
  } catch (error) {
    const timedOut = ['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED'].includes(errorCode(error));
    // Not the axios error itself: it carries the request with its key.
    throw new WebEngageCallError(`WebEngage did not answer (${errorCode(error)}: ${errorMessage(error)})`, timedOut);
  }
}

/** Hexadecimal, as WebEngage asks; the same for every repeat of one event. */
function requestIdHeader(eventId: string): string {
  return hash('sha256', eventId).slice(0, 32);
}

/** `yyyy-MM-ddTHH:mm:ss±hhmm`, in UTC. */
function formatEventTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}+0000`;
}
