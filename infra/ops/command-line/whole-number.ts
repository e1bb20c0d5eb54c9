import { UsageError } from './usage-error.ts';

/** `what` is the option or argument as it is typed. @throws UsageError */
export function wholeNumber(what: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < minimum || value > maximum)
    throw new UsageError(`${what} must be a whole number from ${minimum} to ${maximum}`);
  return value;
}
