import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { decode, decodingSteps } from './content-encoding.ts';
import { HttpError } from './http-error.ts';
import { readBytes } from './read-bytes.ts';
import type { BodyRule } from './route.ts';

/** Reads the body and returns it. @throws HttpError when it is too large, or not what the rule asks for. */
export type ReadBody = (ctx: Context) => Promise<unknown>;

export function bodyReader({ form, maxBytes }: BodyRule): ReadBody {
  if (form === 'bytes') {
    return (ctx) => {
      requireNoCoding(ctx.headers['content-encoding']);
      return Promise.resolve(readBytes(ctx.req, maxBytes));
    };
  }
  const isJson = form === 'json';
  return async (ctx) => {
    if (isJson) requireJson(ctx);
    requireUtf8(ctx.headers['content-type']);
    const steps = decodingSteps(ctx.headers['content-encoding']);
    const encoded = await readBytes(ctx.req, maxBytes);
    const bytes = steps.length === 0 ? encoded : await decode(encoded, steps, maxBytes);
    if (!isUtf8(bytes)) throw new HttpError('invalid_request', 'The body is not UTF-8');
    return isJson ? parseJson(bytes) : bytes.toString();
  };
}

/** The bytes that reading this body may take at most. */
export function bytesToHold({ headers }: IncomingMessage, maxBytes: number): number {
  const { 'content-length': length, 'content-encoding': encoding } = headers;
  return length === undefined || encoding !== undefined ? maxBytes : Math.min(Number(length), maxBytes);
}

// A signature is over the bytes that the caller made, and codings may be changed on the way. No provider packs a notice.
function requireNoCoding(header: string | undefined): void {
  if (decodingSteps(header).length === 0) return;
  throw new HttpError('unsupported_media_type', 'Content-Encoding must be identity');
}

function requireJson(ctx: Context): void {
  if (ctx.headers['content-type'] === 'application/json') return;
  // Null: no body, and the schema says what is missing.
  if (ctx.is('application/json', '+json') === false)
    throw new HttpError('unsupported_media_type', 'Content-Type must be application/json');
}

// What is decoded by replacing what does not fit makes two different texts one.
function requireUtf8(contentType: string | undefined): void {
  if (contentType === undefined || contentType === 'application/json') return;
  for (const [, quoted, plain] of contentType.matchAll(/;\s*charset\s*=\s*(?:"([^"]*)"|([^;\s]*))/gi)) {
    if (!/^utf-?8$/i.test(quoted ?? plain ?? ''))
      throw new HttpError('unsupported_media_type', 'The charset of the body must be utf-8');
  }
}

/** A key `__proto__`, its letters escaped or not: it would become the prototype of an object that it is copied into. */
const PROTO_KEY =
  /"(?:_|\\u005[Ff]){2}(?:p|\\u0070)(?:r|\\u0072)(?:o|\\u006[Ff])(?:t|\\u0074)(?:o|\\u006[Ff])(?:_|\\u005[Ff]){2}"\s*:/;

/**
 * Undefined when there is nothing. A byte order mark is ignored, as https://www.rfc-editor.org/rfc/rfc8259#section-8.1
 * allows.
 */
function parseJson(bytes: Buffer): unknown {
  const text = bytes.toString('utf8', startsWithMark(bytes) ? 3 : 0);
  if (text === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the body.
    throw new HttpError('invalid_request', 'The body is not valid JSON');
  }
  if (PROTO_KEY.test(text)) throw new HttpError('invalid_request', 'The body has a key that no object may have');
  return value;
}

function startsWithMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
