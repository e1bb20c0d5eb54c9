import { statusOfCode } from '../wire.ts';
import type { RawAnswer } from './connection.ts';

const INTERNAL = /node_modules|\.ts:\d+|\bat \S+ \(|SQLITE|SyntaxError|TypeError|RangeError/;

/** What is wrong with an answer to any request; undefined when nothing is. */
export function faultOf({ status, contentType, body }: RawAnswer, isHead: boolean): string | undefined {
  if (status === 500) return 'a 500';
  if (INTERNAL.test(body)) return 'something internal is shown';
  if (isHead) return body === '' ? undefined : 'a HEAD with a body';
  if (contentType.startsWith('text/plain; version=0.0.4') && status === 200) return undefined;
  if (!contentType.startsWith('application/json')) return `content type ${contentType}`;
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return 'not JSON';
  }
  return status < 400 ? undefined : faultOfRefusal(status, json);
}

function faultOfRefusal(status: number, json: unknown): string | undefined {
  const { ok, error, ...rest } = json as { readonly ok?: unknown; readonly error?: Readonly<Record<string, unknown>> };
  if (ok !== false || error === undefined || Object.keys(rest).length > 0) return 'not the form of a refusal';
  const { code, message, issues = [], ...more } = error;
  if (typeof message !== 'string' || message === '' || Object.keys(more).length > 0) return 'not the form of an error';
  if (statusOfCode[String(code)] !== status) return `status ${status} with code ${String(code)}`;
  if (!Array.isArray(issues) || issues.length > 21) return 'issues that are no list, or a long one';
  const wellFormed = issues.every((issue: unknown) => {
    const { path, message: why, ...others } = issue as Readonly<Record<string, unknown>>;
    return typeof path === 'string' && typeof why === 'string' && Object.keys(others).length === 0;
  });
  return wellFormed ? undefined : 'an issue of another form';
}
