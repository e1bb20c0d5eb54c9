import { isOfTheCalendar } from '@paid-community/shared/platform/validation/validator.ts';
import { UsageError } from './command-line/usage-error.ts';
import { wholeNumber } from './command-line/whole-number.ts';

// Texts of the command line into values. @throws UsageError that names the option and says what would be right.

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A date, or a time with its zone. */
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const DURATION = /^\d+(\.\d+)?[smhd]$/;

/** The last time of four digits for the year: the form of the API has no more. */
const LAST_TIME_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** ISO 8601 in UTC, of a date, a time with its zone, or so long before `now`. */
export function timeArgument(option: string, text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  const isAgo = DURATION.test(text) && durationMs(text) <= now;
  if (isAgo) return new Date(now - durationMs(text)).toISOString();
  const time = timeOf(text);
  if (time !== undefined) return time;
  throw new UsageError(
    `--${option} must be a time such as 2026-11-20, 2026-11-20T10:00:00Z or 2026-11-20T15:30+05:30, on a day that there is, or so long ago, such as 30m, 2h or 7d`,
  );
}

function timeOf(text: string): string | undefined {
  return TIME.test(text) && isOfTheCalendar(text) ? new Date(text).toISOString() : undefined;
}

/** --since and --until as the API takes them. @throws UsageError when they leave nothing between them. */
export function timeRange(
  values: { readonly since?: string; readonly until?: string },
  now: number,
): { readonly since: string | undefined; readonly until: string | undefined } {
  const since = timeArgument('since', values.since, now);
  const until = timeArgument('until', values.until, now);
  if (since !== undefined && until !== undefined && until <= since)
    throw new UsageError(`--until: until must be after since, and ${until} is not after ${since}`);
  return { since, until };
}

/** The same of a time to come: a date, a time with its zone, or so long from `now`. */
export function futureTimeArgument(option: string, text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  const isDuration = DURATION.test(text) && now + durationMs(text) <= LAST_TIME_MS;
  const time = isDuration ? new Date(now + durationMs(text)).toISOString() : timeOf(text);
  if (time === undefined || time <= new Date(now).toISOString())
    throw new UsageError(
      `--${option} must be a time to come such as 2026-12-31 or 2026-12-31T18:00+05:30, or so long from now, such as 30m, 2h or 7d`,
    );
  return time;
}

/** Whole seconds of a duration such as 30m. */
export function secondsArgument(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!DURATION.test(text)) throw new UsageError(`--${option} must be a duration such as 30s, 15m, 2h or 7d`);
  return Math.round(durationMs(text) / 1_000);
}

export function commaSeparated(text: string): readonly string[];
export function commaSeparated(text: string | undefined): readonly string[] | undefined;
export function commaSeparated(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export function wholeNumberArgument(option: string, text: string | undefined, maximum: number): number | undefined {
  return text === undefined ? undefined : wholeNumber(`--${option}`, text, 1, maximum);
}

function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 0);
}
