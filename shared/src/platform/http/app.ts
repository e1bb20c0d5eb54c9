import Koa, { type Context, type Middleware } from 'koa';
import { ConflictError, RetryableError, errorCode } from '../ports/errors.ts';
import { systemClock } from '../lifecycle/system-clock.ts';
import type { Logger } from '../log/logger.ts';
import { measureRequests } from './measure-requests.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { routeOf } from './answer-route.ts';
import { endOfTurn } from './end-of-turn.ts';
import { HttpError, refusalBody, statusOfCode } from './http-error.ts';
import { HttpLoad } from './http-load.ts';
import { limitSending } from './limit-sending.ts';
import type { Route } from './route.ts';
import { routeRequests } from './route-requests.ts';

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
  app.use(measureRequests(routes, telemetry));
  app.use(answer(log));
  app.use(routeRequests(routes, load));
  return app;
}

/**
 * Answers leave at the end of the turn of the event loop in which their requests came, or later. So a client that waits
 * for several is woken once. The body of a refused request is read before that, and its connection can stay.
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
  const { code } = answer;
  // What was refused on purpose is told in full by its code.
  const unexpected = error instanceof HttpError ? undefined : error;
  log[levelOf(answer)]({ method: ctx.method, route: routeOf(ctx), code, error: unexpected }, 'request refused');
  ctx.status = statusOfCode[code];
  if (ctx.status === 429 || ctx.status === 503) ctx.set('Retry-After', String(RETRY_AFTER_SECONDS));
  ctx.body = refusalBody(answer);
}

function levelOf({ code }: HttpError): 'error' | 'warn' | 'info' {
  if (code === 'internal_error') return 'error';
  return statusOfCode[code] >= 500 ? 'warn' : 'info';
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
