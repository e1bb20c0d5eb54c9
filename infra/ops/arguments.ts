import { isOfTheCalendar } from '@paid-community/shared/platform/validation/validator.ts';
import { UsageError } from './command-line/usage-error.ts';
import { wholeNumber } from './command-line/whole-number.ts';

// Texts of the command line into values. @throws UsageError that names the option and says what would be right.

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A date, or a time with its zone. */
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const AGO = /^\d+(\.\d+)?[smhd]$/;

/** ISO 8601 in UTC, of a date, a time with its zone, or so long before `now`. */
export function timeArgument(option: string, text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  const isAgo = AGO.test(text) && durationMs(text) <= now;
  if (isAgo) return new Date(now - durationMs(text)).toISOString();
  if (!TIME.test(text) || !isOfTheCalendar(text)) {
    throw new UsageError(
      `--${option} must be a time such as 2026-11-20, 2026-11-20T10:00:00Z or 2026-11-20T15:30+05:30, on a day that there is, or so long ago, such as 30m, 2h or 7d`,
    );
  }
  return new Date(text).toISOString();
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

/** Whole seconds of a duration such as 30m. */
export function secondsArgument(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!AGO.test(text)) throw new UsageError(`--${option} must be a duration such as 30s, 15m, 2h or 7d`);
  return Math.round(durationMs(text) / 1_000);
}

export function wholeNumberArgument(option: string, text: string | undefined, maximum: number): number | undefined {
  return text === undefined ? undefined : wholeNumber(`--${option}`, text, 1, maximum);
}

function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 0);
}
