import type { Context } from 'koa';
import { koaBody } from 'koa-body';
import { HttpError } from './http-error.ts';
import { readText } from './read-text.ts';
import type { BodyRule } from './route.ts';

const JSON_TYPES = ['application/json', '+json'] as const;

/** Reads the body and returns it. @throws HttpError when it is too large, or not what the rule asks for. */
export type ReadBody = (ctx: Context) => Promise<unknown>;

export function bodyReader({ form, maxBytes }: BodyRule): ReadBody {
  return form === 'json' ? jsonReader(maxBytes) : textReader(maxBytes);
}

function jsonReader(maxBytes: number): ReadBody {
  const parse = koaBody({
    jsonLimit: maxBytes,
    // `null`, `"text"` and `7` are JSON: the schema says what is wrong with them, not the parser.
    jsonStrict: false,
    jsonTypes: [...JSON_TYPES],
    multipart: false,
    urlencoded: false,
    text: false,
    onError: (error) => {
      if ('status' in error && error.status === 413) throw payloadTooLarge(maxBytes);
      if ('status' in error && error.status === 415) throw new HttpError('unsupported_media_type', 'Content-Encoding must be identity, gzip or deflate');
      // The parser's own message quotes the body.
      throw new HttpError('invalid_request', 'The body is not valid JSON');
    },
  });
  return async (ctx) => {
    await parse(ctx, goOn);
    const body: unknown = ctx.request.body;
    // The parser leaves alone what is not declared as JSON.
    if (body === undefined && ctx.is(...JSON_TYPES) === false) throw new HttpError('unsupported_media_type', 'Content-Type must be application/json');
    return body;
  };
}

function textReader(maxBytes: number): ReadBody {
  return async (ctx) => {
    if (ctx.request.length > maxBytes) throw payloadTooLarge(maxBytes);
    const text = await readText(ctx.req, maxBytes);
    if (text === undefined) throw payloadTooLarge(maxBytes);
    return text;
  };
}

function goOn(): Promise<void> {
  return Promise.resolve();
}

function payloadTooLarge(maxBytes: number): HttpError {
  return new HttpError('payload_too_large', `The body must be at most ${maxBytes} bytes`);
}
