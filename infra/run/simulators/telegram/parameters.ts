import { isObject, parseJson } from '../http/exchange.ts';
import { badRequest } from './bot-api-error.ts';

/** A call's parameters by name: text from a query or a form, any JSON value from a JSON body. */
export type Parameters = Readonly<Record<string, unknown>>;

/** The body's parameters win over the query's. @throws BotApiError 400 for a JSON body that is no object. */
export function parseParameters(query: string, contentType: string | undefined, body: string): Parameters {
  const fromQuery = query === '' ? {} : Object.fromEntries(new URLSearchParams(query));
  if (body === '') return fromQuery;
  if (contentType?.startsWith('application/json') === true) {
    const parsed = parseJson(body);
    if (!isObject(parsed)) throw badRequest("can't parse parameters JSON object");
    return { ...fromQuery, ...parsed };
  }
  return { ...fromQuery, ...Object.fromEntries(new URLSearchParams(body)) };
}

/** Text, or undefined when absent. A number in a JSON body counts as its digits, as the server takes it. */
export function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** A whole number, or undefined when absent or not one: the server ignores what it cannot read. */
export function integerOf(parameters: Parameters, name: string): number | undefined {
  const text = textOf(parameters, name);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

export function booleanOf(parameters: Parameters, name: string): boolean {
  const value = parameters[name];
  return value === true || (typeof value === 'string' && ['true', '1', 'yes', 't', 'y'].includes(value.toLowerCase()));
}

/** A list of texts, as JSON array or as its JSON text (the only way to put one in a form); undefined when absent. */
export function textListOf(parameters: Parameters, name: string): readonly string[] | undefined {
  const value = parameters[name];
  const list = typeof value === 'string' ? parseJson(value) : value;
  return Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : undefined;
}
