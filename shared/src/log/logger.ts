import { pino } from 'pino';

/** One line for each call: an object of fields, then a message. */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Values that must never be printed, whatever field or error text they turn up in. */
  readonly secrets: readonly string[];
  /** Where finished lines go; standard output by default. */
  readonly write?: (line: string) => unknown;
}

/** JSON lines on standard output. Times are ISO 8601, UTC. */
export function createLogger(options: LoggerOptions): Logger {
  const write = options.write ?? ((line: string) => process.stdout.write(line));
  // Escaped as JSON would show them. An empty secret would match everywhere.
  const secrets = options.secrets.filter((secret) => secret !== '').map((secret) => JSON.stringify(secret).slice(1, -1));
  const redact = (line: string): string => secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), line);
  return pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    {
      write: (line) => {
        write(redact(line));
      },
    },
  );
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
