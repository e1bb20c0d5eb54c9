import { once } from 'node:events';
import type { Server } from 'node:http';
import Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import { koaBody } from 'koa-body';
import { ConflictError, RetryableError, errorCode } from '../delivery/errors.ts';
import { systemClock } from '../lifecycle/system-clock.ts';
import type { Logger } from '../log/logger.ts';
import { currentTrace } from '../telemetry/current-trace.ts';
import { measureRequests } from '../telemetry/measure-requests.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { HttpError, statusOfCode } from './http-error.ts';
import { HttpLoad } from './http-load.ts';
import { readText } from './read-text.ts';
import type { BodyRule, Route } from './route.ts';
import { traceparentFrom } from './traceparent.ts';

/** For callers from outside; the push endpoints bring rules of their own. */
const DEFAULT_BODY: BodyRule = { form: 'json', maxBytes: 64 * 1024 };

/** Told to callers with 429 and 503: long enough for a failover, short enough for a buyer who waits. */
const RETRY_AFTER_SECONDS = 2;

/**
 * Requests with a body at work at once in one process. Beyond it a caller is told to come back: memory stays bounded, and those that
 * are in get their answer in time.
 */
const MAX_CONCURRENT_REQUESTS = 2_000;

/** Turns routes into a Koa application: body parsing, authentication, and every error in the form of the contract. */
export function createApp(
  routes: readonly Route[],
  log: Logger,
  load = new HttpLoad(systemClock),
  telemetry: Telemetry = noTelemetry,
): Koa {
  const app = new Koa();
  // Koa would print errors itself; answerErrors has logged them already.
  app.silent = true;
  const router = new Router({ strict: true, sensitive: true });
  const underLimit = limitConcurrency(load);
  for (const route of routes) {
    const steps: Middleware[] = [authenticate(route)];
    // Only requests that hold a body: a busy process still tells that it is alive.
    if (route.method === 'POST') steps.push(underLimit, ...readBody(route.body ?? DEFAULT_BODY));
    router.register(route.path, [route.method], [...steps, respond(route)]);
  }
  app.use(measureRequests(routes, telemetry));
  app.use(answerErrors(log));
  app.use(router.routes());
  app.use(rejectUnrouted(router.stack));
  return app;
}

function answerErrors(log: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const answer = toHttpError(error);
      const level = answer.code === 'internal_error' ? 'error' : statusOfCode[answer.code] >= 500 ? 'warn' : 'info';
      const known = error instanceof HttpError;
      log[level]({ method: ctx.method, route: ctx['_matchedRoute'] as unknown, code: answer.code, ...(known ? {} : { error }) }, 'request refused');
      ctx.status = statusOfCode[answer.code];
      if (ctx.status === 429 || ctx.status === 503) ctx.set('Retry-After', String(RETRY_AFTER_SECONDS));
      // What is left of a body that nobody will read would otherwise be taken for the next request.
      if (!ctx.req.complete) ctx.set('Connection', 'close');
      ctx.body = {
        ok: false,
        error: { code: answer.code, message: answer.message, ...(answer.issues.length === 0 ? {} : { issues: answer.issues }) },
      };
    }
  };
}

function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof RetryableError || error instanceof ConflictError) {
    return new HttpError('unavailable', `The request could not be stored safely (${errorCode(error)}); please send it again`);
  }
  return new HttpError('internal_error', 'An unexpected error happened; the request may be sent again');
}

function limitConcurrency(load: HttpLoad): Middleware {
  return async (_ctx, next) => {
    if (load.requestsAtWork >= MAX_CONCURRENT_REQUESTS) throw new HttpError('too_many_requests', 'Too many requests at once; please send it again');
    load.begin();
    try {
      await next();
    } finally {
      load.end();
    }
  };
}

function authenticate(route: Route): Middleware {
  return async (ctx, next) => {
    await route.authenticate?.(ctx.headers);
    await next();
  };
}

function readBody({ form, maxBytes }: BodyRule): Middleware[] {
  const limitLength: Middleware = async (ctx, next) => {
    if (ctx.request.length > maxBytes) throw payloadTooLarge(maxBytes);
    await next();
  };
  return form === 'json' ? [requireJson, limitLength, parseJson(maxBytes)] : [limitLength, parseText(maxBytes)];
}

const requireJson: Middleware = async (ctx, next) => {
  if (ctx.is('application/json', '+json') === false) throw new HttpError('unsupported_media_type', 'Content-Type must be application/json');
  await next();
};

function parseJson(maxBytes: number): Middleware {
  return koaBody({
    jsonLimit: maxBytes,
    // `null`, `"text"` and `7` are JSON: the schema says what is wrong with them, not the parser.
    jsonStrict: false,
    jsonTypes: ['json', '+json'],
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
}

function parseText(maxBytes: number): Middleware {
  return async (ctx, next) => {
    const text = await readText(ctx.req, maxBytes);
    if (text === undefined) throw payloadTooLarge(maxBytes);
    ctx.request.body = text;
    await next();
  };
}

function payloadTooLarge(maxBytes: number): HttpError {
  return new HttpError('payload_too_large', `The body must be at most ${maxBytes} bytes`);
}

function respond(route: Route): Middleware {
  return async (ctx) => {
    const response = await route.handle({
      headers: ctx.headers,
      params: ctx['params'] as Record<string, string>,
      query: Object.fromEntries(Object.entries(ctx.query).map(([name, value]) => [name, (Array.isArray(value) ? value[0] : value) ?? ''])),
      body: ctx.request.body,
      traceparent: currentTrace()?.traceparent ?? traceparentFrom(ctx.headers['traceparent']),
    });
    ctx.status = response.status;
    if (response.contentType !== undefined) ctx.type = response.contentType;
    ctx.body = response.body;
  };
}

function rejectUnrouted(stack: Router['stack']): Middleware {
  return (ctx: Context) => {
    const methods = new Set(stack.filter((layer) => layer.match(ctx.path)).flatMap((layer) => layer.methods));
    if (methods.size === 0) throw new HttpError('not_found', 'There is nothing at this path');
    const allowed = [...methods].join(', ');
    ctx.set('Allow', allowed);
    throw new HttpError('method_not_allowed', `This path takes ${allowed}`);
  };
}

/** Listens on the port (0: any free one) and resolves with the server and its port. */
export async function listen(app: Koa, port: number, host: string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = app.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return { server, port: address.port };
}
