import type { Context } from 'koa';
import { currentTrace } from '../telemetry/current-trace.ts';
import { HttpError } from './http-error.ts';
import type { HttpLoad } from './http-load.ts';
import { bodyReader } from './read-body.ts';
import type { BodyRule, HttpResponse, Route } from './route.ts';
import { traceparentFrom } from './traceparent.ts';

/** For callers from outside; the push endpoints bring rules of their own. */
const DEFAULT_BODY: BodyRule = { form: 'json', maxBytes: 64 * 1024 };

/**
 * Requests with a body at work at once in one process. Beyond it a caller is told to come back: memory stays bounded, and those that
 * are in get their answer in time.
 */
const MAX_CONCURRENT_REQUESTS = 2_000;

const NO_QUERY: Readonly<Record<string, string>> = {};

export type AnswerRequest = (ctx: Context) => Promise<void>;

/** All that happens to a request of this route, as one step: every further middleware would cost each request some promises. */
export function answerRoute(route: Route, load: HttpLoad): AnswerRequest {
  const readBody = route.method === 'POST' ? bodyReader(route.body ?? DEFAULT_BODY) : undefined;
  return async (ctx) => {
    ctx.state['route'] = route.path;
    await route.authenticate?.(ctx.headers);
    // Only requests that hold a body count: a busy process still tells that it is alive.
    if (readBody === undefined) {
      send(ctx, await handle(route, ctx));
      return;
    }
    if (load.requestsAtWork >= MAX_CONCURRENT_REQUESTS) throw new HttpError('too_many_requests', 'Too many requests at once; please send it again');
    load.begin();
    try {
      const body = await readBody(ctx);
      send(ctx, await handle(route, ctx, body));
    } finally {
      load.end();
    }
  };
}

/** The path of the route that answers, with its `:name` segments; undefined where there is none. */
export function routeOf(ctx: Context): string | undefined {
  return ctx.state['route'] as string | undefined;
}

function handle(route: Route, ctx: Context, body?: unknown): Promise<HttpResponse> {
  return route.handle({
    headers: ctx.headers,
    params: (ctx['params'] ?? {}) as Record<string, string>,
    query: queryOf(ctx),
    body,
    traceparent: currentTrace()?.traceparent ?? traceparentFrom(ctx.headers['traceparent']),
  });
}

function queryOf(ctx: Context): Readonly<Record<string, string>> {
  if (ctx.querystring === '') return NO_QUERY;
  return Object.fromEntries(Object.entries(ctx.query).map(([name, value]) => [name, (Array.isArray(value) ? value[0] : value) ?? '']));
}

function send(ctx: Context, response: HttpResponse): void {
  ctx.status = response.status;
  if (response.contentType !== undefined) ctx.type = response.contentType;
  ctx.body = response.body;
}
