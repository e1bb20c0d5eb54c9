import type { Context } from 'koa';
import { currentTrace } from '../trace/current-trace.ts';
import { HttpError } from './http-error.ts';
import type { HttpLoad } from './http-load.ts';
import { bodyReader, bytesToHold } from './read-body.ts';
import type { Authenticate, BodyRule, HttpRequest, HttpResponse, Route } from './route.ts';
import { Share } from './share.ts';
import { traceparentFrom } from '../trace/traceparent.ts';

/** For callers from outside; the push endpoints bring rules of their own. */
const DEFAULT_BODY: BodyRule = { form: 'json', maxBytes: 64 * 1024 };

/** Requests of one caller at once: a burst, and not all that the process can hold. */
const DEFAULT_AT_ONCE = 1_000;

/** The caller of a route that asks for no key. */
const ANYBODY = 'anybody';

const JSON_TYPE = 'application/json; charset=utf-8';

const NO_BYTES = Buffer.alloc(0);

const NO_FIELDS: Readonly<Record<string, string>> = {};

export type AnswerRequest = (ctx: Context) => Promise<void>;

/**
 * All that happens to a request of this route, as one step: every further middleware would cost each request some
 * promises.
 */
export function answerRoute(route: Route, load: HttpLoad): AnswerRequest {
  const rule = route.body ?? DEFAULT_BODY;
  const readBody = route.method === 'POST' ? bodyReader(rule) : undefined;
  // What is signed has to be read first, so those who sign share one share.
  const isSigned = route.method === 'POST' && rule.form === 'bytes';
  const authenticate: Authenticate = route.authenticate ?? (() => ANYBODY);
  const share = new Share(route.atOnce ?? DEFAULT_AT_ONCE);
  return async (ctx) => {
    ctx.state['route'] = route.path;
    // Until a caller has said who it is, its request holds nothing but its connection.
    const caller = isSigned ? ANYBODY : await authenticate(ctx.headers, NO_BYTES, paramsOf(ctx));
    const giveBack = share.take(caller, readBody === undefined ? 0 : bytesToHold(ctx.req, rule.maxBytes));
    try {
      if (readBody === undefined) {
        send(ctx, await handle(route, ctx, caller));
        return;
      }
      const body = await readBody(ctx);
      const signer = Buffer.isBuffer(body) ? await authenticate(ctx.headers, body, paramsOf(ctx)) : caller;
      // A body that does not come is no load.
      load.begin();
      try {
        send(ctx, await handle(route, ctx, signer, body));
      } finally {
        load.end();
      }
    } finally {
      // An answer that nobody takes is held, too. A response closes when it has been handed to the system, or when its
      // connection is gone.
      if (ctx.res.closed) giveBack();
      else ctx.res.once('close', giveBack);
    }
  };
}

/** The path of the route that answers, with its `:name` segments; undefined where there is none. */
export function routeOf(ctx: Context): string | undefined {
  return ctx.state['route'] as string | undefined;
}

function handle(route: Route, ctx: Context, caller: string, body?: unknown): Promise<HttpResponse> {
  return route.handle({
    headers: ctx.headers,
    params: paramsOf(ctx),
    query: queryOf(ctx),
    body,
    caller,
    traceparent: currentTrace()?.traceparent ?? traceparentFrom(ctx.headers['traceparent']),
  });
}

/** A path without parameters has not been searched for, and so has none. */
function paramsOf(ctx: Context): HttpRequest['params'] {
  return (ctx['params'] as HttpRequest['params'] | undefined) ?? NO_FIELDS;
}

/**
 * @throws HttpError invalid_request when it is not the URL encoding of UTF-8: decoded by force, two values would become
 * one.
 */
function queryOf(ctx: Context): Readonly<Record<string, string>> {
  const { querystring } = ctx;
  if (querystring === '') return NO_FIELDS;
  try {
    decodeURIComponent(querystring);
  } catch {
    throw new HttpError('invalid_request', 'The query is not a URL encoding of UTF-8');
  }
  return Object.fromEntries(
    Object.entries(ctx.query).map(([name, value]) => [name, (Array.isArray(value) ? value[0] : value) ?? '']),
  );
}

function send(ctx: Context, { status, body, contentType }: HttpResponse): void {
  ctx.status = status;
  if (contentType !== undefined) ctx.type = contentType;
  if (typeof body === 'string') {
    ctx.body = body;
    return;
  }
  // As a text: Koa would ask the object twice what it is, and look up the type of JSON.
  ctx.set('Content-Type', JSON_TYPE);
  ctx.body = JSON.stringify(body);
}
