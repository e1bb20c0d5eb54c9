import { hash } from 'node:crypto';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { HttpCallError } from '@paid-community/shared/platform/http-client/http-call-error.ts';
import { createHttpClient, type HttpAnswer } from '@paid-community/shared/platform/http-client/http-client.ts';
import { retryAfterMs } from '@paid-community/shared/platform/http-client/retry-after.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { callMeasurement } from '@paid-community/shared/platform/telemetry/measure-calls.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import type { EventEmitterConfig } from '../config.ts';
import type { WebEngageAnswer } from './answer.ts';
import { CallPace, type Wait } from './call-pace.ts';
import { errorOfAnswer, WebEngageCallError } from './errors.ts';

/** With both brief retries this stays under the ack deadline of the subscriptions (see the topology). */
export const WEBENGAGE_TIMEOUT_MS = 15_000;

/** One attempt and its brief repeats. */
export const WEBENGAGE_ATTEMPTS = 3;

/**
 * All turns of an event together are waited for so long; what has to wait longer is handed back. Part of the ack
 * deadline, as above.
 */
export const MAX_WAIT_MS = 15_000;

/** What it answers has some hundred bytes. */
const MAX_ANSWER_BYTES = 65_536;

/** A limit of minutes orders no longer pause: after an hour a call is tried again in any case. */
const MAX_PAUSE_MS = 3_600_000;

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
  readonly eventData: Attributes;
}

/**
 * Flat, for objects and lists are of no use in segments. The first value of an attribute fixes its type for good.
 * Strings have less than 1,000 characters. Undefined: it is not sent.
 */
export type Attributes = Readonly<Record<string, string | number | boolean | Date | undefined>>;

/** What WebEngage is to know of a user (docs.webengage.com, POST /v1/accounts/{licence}/users). */
export interface WebEngageUser {
  readonly userId: string;
  /** Those that are not named stay as they are. */
  readonly attributes: Attributes;
}

export interface WebEngageClient {
  /** The data centre that it calls. */
  readonly apiRoot: string;
  /**
   * Resolves when WebEngage has queued the event, in the words of its documentation; waits for its turn first.
   * @throws PermanentError when WebEngage will never take it; RetryableError on every other answer or none, and when
   * its turn is too far away.
   */
  send(event: WebEngageEvent): Promise<WebEngageAnswer>;
  /** Sets attributes of a user, in one attempt. The same again changes nothing. @throws as `send` */
  setAttributes(user: WebEngageUser): Promise<void>;
  /**
   * A call that makes no event, for it says of nobody what: WebEngage refuses it for its body (400) once it has
   * accepted key and licence. Never repeated. It waits for its turn as long as for the answer; without a turn there is
   * no call, and the answer is the 429 or 503 that says why. @throws WebEngageCallError when there is no answer.
   */
  probe(timeoutMs: number): Promise<WebEngageAnswer & { readonly serverTimeMs: number | undefined }>;
  /** Cuts the connections, and repeats no call from now on. */
  close(): void;
}

type ClientConfig = Pick<
  EventEmitterConfig,
  'WEBENGAGE_API_ROOT' | 'WEBENGAGE_API_KEY' | 'WEBENGAGE_LICENSE_CODE' | 'WEBENGAGE_EVENTS_PER_MINUTE'
>;

/** @throws ConfigError when the environment names a proxy that is none. */
export function createWebEngageClient(
  config: ClientConfig,
  telemetry: Telemetry,
  clock: Clock = systemClock,
): WebEngageClient {
  const http = createHttpClient({
    root: config.WEBENGAGE_API_ROOT,
    headers: { Authorization: `Bearer ${config.WEBENGAGE_API_KEY}` },
    secrets: [config.WEBENGAGE_API_KEY],
    maxAnswerBytes: MAX_ANSWER_BYTES,
  });
  const pace = new CallPace(config.WEBENGAGE_EVENTS_PER_MINUTE, clock);
  const measure = callMeasurement(telemetry, config.WEBENGAGE_API_ROOT);
  const account = `/v1/accounts/${encodeURIComponent(config.WEBENGAGE_LICENSE_CODE)}`;

  const post = async (
    resource: 'events' | 'users',
    body: object,
    call: {
      readonly timeoutMs: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly confidential?: unknown;
    },
  ): Promise<HttpAnswer> => {
    try {
      const answer = await measure(`/v1/accounts/{licence}/${resource}`, () =>
        http.post(`${account}/${resource}`, body, call),
      );
      heed(answer, pace, clock);
      return answer;
    } catch (error) {
      throw error instanceof HttpCallError ? failedCall(error) : error;
    }
  };
  const send = async (event: WebEngageEvent, giveUpAtMs: number): Promise<WebEngageAnswer> => {
    const wait = await pace.turn(giveUpAtMs - clock.monotonicMs(), http.closing);
    if (wait !== undefined) throw turnTooFar(wait);
    const answer = await post('events', bodyOf(event), {
      timeoutMs: WEBENGAGE_TIMEOUT_MS,
      headers: { 'x-request-id': requestIdHeader(event.eventId) },
      // Name and time of the event are no secrets, and help to read an answer.
      confidential: [event.userId, event.eventData],
    });
    const taken = readAnswer(answer);
    pace.taken();
    return taken;
  };
  return {
    apiRoot: config.WEBENGAGE_API_ROOT,
    send: (event) => {
      const giveUpAtMs = clock.monotonicMs() + MAX_WAIT_MS;
      // Repeating at once is safe: WebEngage drops what it has taken already, by x-request-id.
      return http.repeat(() => send(event, giveUpAtMs), {
        times: WEBENGAGE_ATTEMPTS - 1,
        afterMs: 200,
        isSafe: (error) => error instanceof WebEngageCallError && error.isBrief,
      });
    },
    setAttributes: async ({ userId, attributes }) => {
      const wait = await pace.turn(MAX_WAIT_MS, http.closing);
      if (wait !== undefined) throw turnTooFar(wait);
      const body = { userId, attributes: formatAttributes(attributes) };
      readAnswer(await post('users', body, { timeoutMs: WEBENGAGE_TIMEOUT_MS, confidential: body }), 'users');
      pace.taken();
    },
    probe: async (timeoutMs) => {
      const wait = await pace.turn(timeoutMs, http.closing);
      if (wait !== undefined) return { status: wait.toldBy ?? 429, body: '', serverTimeMs: undefined };
      const answer = await post('events', {}, { timeoutMs });
      const isRefusal = answer.status < 200 || answer.status > 299;
      return { ...(isRefusal ? shown(answer) : readAnswer(answer)), serverTimeMs: answer.serverTimeMs };
    },
    close: () => http.close(),
  };
}

// docs.webengage.com: 200 or 201, and "queued". Anything else with 2xx is not WebEngage: some proxy's page, a
// maintenance notice.
const validateQueued = compileValidator(Type.Object({ response: Type.Object({ status: Type.Literal('queued') }) }));

function readAnswer(answer: HttpAnswer, about: 'events' | 'users' = 'events'): WebEngageAnswer {
  const { status } = answer;
  if (status < 200 || status > 299) throw errorOfAnswer(shown(answer), about);
  if ((status === 200 || status === 201) && validateQueued(parsed(answer.text)).valid)
    return { status, body: '{"response":{"status":"queued"}}' };
  throw new WebEngageCallError(
    'webengage_unreadable',
    `WebEngage did not say that it took the event (${status}): ${answer.quote(answer.text)}`,
    { isBrief: false },
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function shown(answer: HttpAnswer): WebEngageAnswer {
  return { status: answer.status, body: answer.quote(answer.text) };
}

/** Keeps to what WebEngage says about its limit: X-RateLimit-Limit a minute, and Retry-After with 429 and 503. */
function heed(answer: HttpAnswer, pace: CallPace, clock: Clock): void {
  const { status, serverTimeMs } = answer;
  if (status !== 429 && status !== 503) return;
  const limit = Number(answer.header('x-ratelimit-limit'));
  if (status === 429 && limit >= 1) pace.lowerTo(limit);
  const told = retryAfterMs(answer.header('retry-after'), { serverTimeMs, now: clock.now(), maxMs: MAX_PAUSE_MS });
  if (told !== undefined) pace.pauseFor(told, status);
  else if (status === 429) pace.pause(status);
}

function failedCall(error: HttpCallError): WebEngageCallError {
  if (error.fault === 'unreadable')
    return new WebEngageCallError('webengage_unreadable', `WebEngage's answer cannot be read: ${error.message}`, {
      cause: error,
      isBrief: false,
    });
  return new WebEngageCallError('webengage_unreachable', `WebEngage did not answer (${error.code}: ${error.message})`, {
    cause: error,
    isBrief: error.fault !== 'timed_out',
  });
}

function turnTooFar({ waitMs, toldBy }: Wait): RetryableError {
  const seconds = Math.ceil(waitMs / 1_000);
  return toldBy === undefined
    ? new RetryableError(
        'webengage_429',
        `More events wait than WEBENGAGE_EVENTS_PER_MINUTE lets through; the next turn is in ${seconds} s`,
      )
    : new RetryableError(`webengage_${toldBy}`, `WebEngage has asked to wait (${toldBy}), for ${seconds} s more`);
}

function bodyOf({ userId, eventName, eventTime, eventData }: WebEngageEvent): object {
  return { userId, eventName, eventTime: formatTime(eventTime), eventData: formatAttributes(eventData) };
}

function formatAttributes(attributes: Attributes): object {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, value instanceof Date ? formatTime(value) : value]),
  );
}

/** Hexadecimal, as WebEngage asks; the same for every repeat of one event. */
function requestIdHeader(eventId: string): string {
  return hash('sha256', eventId).slice(0, 32);
}

/**
 * `yyyy-MM-ddTHH:mm:ss±hhmm`, in UTC. WebEngage documents this form for the time of an event; that attributes have it
 * too could not be tried on a real account.
 */
function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}+0000`;
}
