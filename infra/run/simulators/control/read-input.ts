import { isObject, parseJson } from '../http/exchange.ts';
import { BOT_RIGHTS } from '../telegram/standing.ts';
import type { BotRight } from '../telegram/telegram-options.ts';

/** What is wrong with a call, in words for the person who made it. */
export class ControlRefused extends Error {}

export type Input = Readonly<Record<string, unknown>>;

/** The body; none at all is an empty object. @throws ControlRefused. */
export function readInput(text: string, example: string): Input {
  const body = text === '' ? {} : parseJson(text);
  if (!isObject(body)) throw new ControlRefused(`The body must be a JSON object: ${example}`);
  return body;
}

/** @throws ControlRefused when it is absent or empty. */
export function textIn(input: Input, name: string): string {
  const text = optionalTextIn(input, name);
  if (text === undefined) throw new ControlRefused(`${name} must be a non-empty string`);
  return text;
}

/** @throws ControlRefused when it is empty, or no string. */
export function optionalTextIn(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw new ControlRefused(`${name} must be a non-empty string`);
  return value;
}

/** @throws ControlRefused when it is no such number. */
export function positiveIn(input: Input, name: string, kind: 'number' | 'whole number'): number | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  const fits = typeof value === 'number' && (kind === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value));
  if (!fits || value <= 0) throw new ControlRefused(`${name} must be a positive ${kind}`);
  return value;
}

/** An id as a number or as its text, or an @name. @throws ControlRefused when it is neither. */
export function idIn(input: Input, name: string): number | string | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'string' && /^(-?\d+|@\w+)$/.test(value)) return value;
  throw new ControlRefused(`${name} must be an id`);
}

/** @throws ControlRefused when it is not one of them. */
export function choiceIn<T extends string>(input: Input, name: string, choices: readonly T[]): T {
  const choice = choices.find((each) => each === input[name]);
  if (choice === undefined) throw new ControlRefused(`${name} must be one of: ${choices.join(', ')}`);
  return choice;
}

/** @throws ControlRefused when it is no list of rights. */
export function rightsIn(input: Input): readonly BotRight[] | undefined {
  const value = input['rights'];
  if (value === undefined) return undefined;
  const rights = Array.isArray(value) ? BOT_RIGHTS.filter((right) => value.includes(right)) : [];
  if (!Array.isArray(value) || rights.length !== value.length)
    throw new ControlRefused(`rights must be a list of: ${BOT_RIGHTS.join(', ')}`);
  return rights;
}
