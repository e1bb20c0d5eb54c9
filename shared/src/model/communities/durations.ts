import { DateTime, Duration } from 'luxon';

/** ISO 8601: P1M, P30D, PT90S, P1DT12H. Nothing negative, and no fractions. */
export const DURATION_PATTERN =
  '^P(?=.)(\\d{1,6}Y)?(\\d{1,6}M)?(\\d{1,6}W)?(\\d{1,6}D)?(T(?=.)(\\d{1,9}H)?(\\d{1,9}M)?(\\d{1,9}S)?)?$';

/**
 * How long it lasts from a moment on: a month is as long as that month. NaN for a text that is no such duration, and
 * for an end that no calendar has.
 */
export function durationMs(duration: string, fromMs: number): number {
  return DateTime.fromMillis(fromMs, { zone: 'utc' }).plus(Duration.fromISO(duration)).toMillis() - fromMs;
}

/** The moment so long before another, by the calendar of the time zone. */
export function minus(ms: number, duration: string, timeZone: string): number {
  return DateTime.fromMillis(ms, { zone: timeZone }).minus(Duration.fromISO(duration)).toMillis();
}

/** A day such as 2026-12-31, or a time of ISO 8601; without a zone of its own it is one of `timeZone`. */
export function momentOf(time: string, timeZone: string): string {
  return new Date(DateTime.fromISO(time, { zone: timeZone }).toMillis()).toISOString();
}

/** The end of a day such as 2026-12-31, by the calendar of the time zone: the start of the day after. */
export function endOfDay(date: string, timeZone: string): string {
  const nextDay = DateTime.fromISO(date, { zone: timeZone }).plus({ days: 1 }).startOf('day');
  return new Date(nextDay.toMillis()).toISOString();
}
