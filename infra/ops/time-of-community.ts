import { endOfDay, momentOf } from '@paid-community/shared/model/communities/durations.ts';
import { isOfTheCalendar } from '@paid-community/shared/platform/validation/validator.ts';
import { UsageError } from './command-line/usage-error.ts';

// What people write down of a time that is paid for: days, and times without a zone, are of the community.

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/;

/** From the start of a day on, or a time. Undefined for undefined. @throws UsageError that names `what` */
export function startOf<Text extends string | undefined>(what: string, text: Text, timeZone: string): Text | string {
  if (text === undefined) return text;
  return isDay(text) ? momentOf(text, timeZone) : timeOf(what, text, timeZone);
}

/** To the end of a day, or a time. Undefined for undefined. @throws UsageError that names `what` */
export function endOf<Text extends string | undefined>(what: string, text: Text, timeZone: string): Text | string {
  if (text === undefined) return text;
  return isDay(text) ? endOfDay(text, timeZone) : timeOf(what, text, timeZone);
}

function isDay(text: string): boolean {
  return DAY.test(text) && isOfTheCalendar(text);
}

function timeOf(what: string, text: string, timeZone: string): string {
  const iso = text.replace(' ', 'T');
  if (TIME.test(text) && isOfTheCalendar(iso)) return momentOf(iso, timeZone);
  throw new UsageError(
    `${what} must be a day that there is, such as 2026-12-31, or a time such as 2026-12-31 18:00 or 2026-12-31T18:00+05:30`,
  );
}
