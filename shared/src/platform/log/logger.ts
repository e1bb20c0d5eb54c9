import { pino } from 'pino';
import { parseTraceparent } from '../trace/traceparent.ts';
import { currentTrace } from '../trace/current-trace.ts';

/** One line for each call: an object of fields, then a message. */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Values that must never be printed, in any field or error text. */
  readonly secrets: readonly string[];
  /** Set on Google Cloud: lines then have the form that Cloud Logging reads, and traces are those of this project. */
  readonly cloudProject?: string;
  /** Where finished lines go; standard output by default. */
  readonly write?: (line: string) => unknown;
}

/**
 * What is shorter turns up everywhere by chance, and a log without it could not be read. Our own keys are longer; so
 * are those that Telegram and WebEngage give out.
 */
const LEAST_SECRET_CHARACTERS = 8;

/** A person with a link is in. Our own lines name none; an id or a reason of a caller may hold one. */
const INVITE_LINK = /(?:\b(?:t|telegram)\.(?:me|dog)\/(?:\+|%2b|joinchat\/)|\btg:\/\/join\?invite=)[\w-]+/gi;

/**
 * JSON lines on standard output, each with the trace and the purchase that it belongs to, where there is one. Times are
 * ISO 8601, UTC.
 */
export function createLogger(options: LoggerOptions): Logger {
  const write = options.write ?? ((line: string) => process.stdout.write(line));
  // Escaped as JSON would show them. The longest first: one may be a part of another.
  const secrets = options.secrets
    .filter((secret) => secret.length >= LEAST_SECRET_CHARACTERS)
    .map((secret) => JSON.stringify(secret).slice(1, -1))
    .sort((left, right) => right.length - left.length);
  const redact = (line: string): string =>
    secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), line).replace(INVITE_LINK, '[link]');
  const { cloudProject } = options;
  return pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) =>
          cloudProject === undefined ? { level: label } : { severity: SEVERITIES[label] ?? 'DEFAULT' },
      },
      mixin: () => traceFields(cloudProject),
      serializers: { error: describeError },
    },
    {
      write: (line) => {
        write(redact(line));
      },
    },
  );
}

// https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#logseverity
const SEVERITIES: Readonly<Record<string, string>> = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' };

/**
 * On Google Cloud under the names of https://cloud.google.com/logging/docs/structured-logging#special-payload-fields
 */
function traceFields(cloudProject: string | undefined): object {
  const current = currentTrace();
  if (current === undefined) return {};
  const requestId = current.requestId === undefined ? {} : { requestId: current.requestId };
  const trace = parseTraceparent(current.traceparent);
  if (trace === undefined) return requestId;
  if (cloudProject === undefined) return { trace_id: trace.traceId, span_id: trace.spanId, ...requestId };
  return {
    'logging.googleapis.com/trace': `projects/${cloudProject}/traces/${trace.traceId}`,
    'logging.googleapis.com/spanId': trace.spanId,
    'logging.googleapis.com/trace_sampled': trace.traceFlags === 1,
    ...requestId,
  };
}

interface ErrorDescription {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: ErrorDescription;
}

// Only these fields: an HTTP client's error carries the whole request, with its URL and its token.
function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error, message: 'A value that is not an Error was thrown' };
  return {
    name: error.name,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
