import { UsageError } from './usage-error.ts';

// Texts of the command line into values. @throws UsageError that names the option and says what would be right.

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** ISO 8601 in UTC, of a date, a time with its zone, or so long before `now`. */
export function timeArgument(option: string, text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?[smhd]$/.test(text)) return new Date(now - durationMs(text)).toISOString();
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  if (!isTime || Number.isNaN(Date.parse(text))) throw new UsageError(`--${option} must be a time such as 2026-11-20, 2026-11-20T10:00:00Z or 2026-11-20T15:30+05:30, or so long ago, such as 30m, 2h or 7d`);
  return new Date(text).toISOString();
}

/** Whole seconds of a duration such as 30m. */
export function secondsArgument(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?[smhd]$/.test(text)) throw new UsageError(`--${option} must be a duration such as 30s, 15m, 2h or 7d`);
  return Math.round(durationMs(text) / 1_000);
}

export function wholeNumberArgument(option: string, text: string | undefined, maximum: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > maximum) throw new UsageError(`--${option} must be a whole number from 1 to ${maximum}`);
  return value;
}

function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 0);
}
