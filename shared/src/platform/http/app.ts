import Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import { ConflictError, RetryableError, errorCode } from '../delivery/errors.ts';
import { systemClock } from '../lifecycle/system-clock.ts';
import type { Logger } from '../log/logger.ts';
import { measureRequests } from './measure-requests.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { answerRoute, routeOf, type AnswerRequest } from './answer-route.ts';
import { endOfTurn } from './end-of-turn.ts';
import { HttpError, refusalBody, statusOfCode } from './http-error.ts';
import { HttpLoad } from './http-load.ts';
import { limitSending } from './limit-sending.ts';
import type { Route } from './route.ts';

/** Told to callers with 429 and 503: long enough for a failover, short enough for a buyer who waits. */
const RETRY_AFTER_SECONDS = 2;

/** Turns routes into a Koa application: body parsing, authentication, and every error in the form of the contract. */
export function createApp(
  routes: readonly Route[],
  log: Logger,
  telemetry: Telemetry,
  load = new HttpLoad(systemClock),
): Koa {
  const app = new Koa();
  // Koa would print errors itself; refuse() has logged them already.
  app.silent = true;
  const router = new Router({ strict: true, sensitive: true });
  // The router tries each of its paths, some fifty, and composes its steps anew, for every request. A path without
  // parameters needs no search.
  const fixed = new Map<string, AnswerRequest>();
  for (const route of routes) {
    const step = answerRoute(route, load);
    router.register(route.path, [route.method], step);
    if (!route.path.includes(':')) fixed.set(`${route.method} ${route.path}`, step);
  }
  app.use(measureRequests(routes, telemetry));
  app.use(answer(log));
  app.use((ctx, next) => fixed.get(`${ctx.method} ${ctx.path}`)?.(ctx) ?? next());
  app.use(router.routes());
  app.use(rejectUnrouted(router.stack));
  return app;
}

/**
 * Answers leave at the end of the turn of the event loop in which their requests came, or later: whoever waits for
 * several is woken once, and a body that came along with a request that is refused has been taken in by then, so that
 * the connection can stay.
 */
function answer(log: Logger): Middleware {
  return async (ctx, next) => {
    const arrived = endOfTurn();
    try {
      requireHost(ctx);
      await next();
      await arrived;
    } catch (error) {
      await arrived;
      refuse(ctx, error, log);
    }
    // What is left of a body that nobody will read would otherwise be taken for the next request, or be waited for.
    if (!ctx.req.complete) ctx.set('Connection', 'close');
    limitSending(ctx);
  };
}

/** https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2 */
function requireHost(ctx: Context): void {
  if (ctx.headers.host !== undefined || ctx.req.httpVersion === '1.0') return;
  ctx.set('Connection', 'close');
  throw new HttpError('invalid_request', 'A request of HTTP/1.1 names its Host');
}

function refuse(ctx: Context, error: unknown, log: Logger): void {
  const answer = toHttpError(error);
  const level = answer.code === 'internal_error' ? 'error' : statusOfCode[answer.code] >= 500 ? 'warn' : 'info';
  const known = error instanceof HttpError;
  log[level](
    { method: ctx.method, route: routeOf(ctx), code: answer.code, ...(known ? {} : { error }) },
    'request refused',
  );
  ctx.status = statusOfCode[answer.code];
  if (ctx.status === 429 || ctx.status === 503) ctx.set('Retry-After', String(RETRY_AFTER_SECONDS));
  ctx.body = refusalBody(answer);
}

function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof RetryableError || error instanceof ConflictError) {
    return new HttpError(
      'unavailable',
      `The request could not be stored safely (${errorCode(error)}); please send it again`,
    );
  }
  return new HttpError('internal_error', 'An unexpected error happened; the request may be sent again');
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
