import type { Context, Middleware, Next } from 'koa';
import { routeOf } from './answer-route.ts';
import type { Route } from './route.ts';
import { httpServerDuration } from '../telemetry/metric-definitions.ts';
import type { Series, Telemetry } from '../telemetry/telemetry.ts';
import type { Span } from '../trace/span.ts';

/**
 * Anything else a caller may call its method is one value: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);

/** The outermost step of every request: its span, and its duration with the answer that it got. */
export function measureRequests(routes: readonly Route[], telemetry: Telemetry): Middleware {
  const untraced = new Set(routes.filter(({ traced }) => traced === false).map(({ path }) => path));
  const durationOf = durations(telemetry);
  return async (ctx, next) => {
    const startedAt = performance.now();
    const method = METHODS.has(ctx.method) ? ctx.method : '_OTHER';
    if (untraced.has(ctx.path)) {
      await next();
    } else {
      const { traceparent } = ctx.headers;
      const start = {
        kind: 'server',
        name: method,
        parent: typeof traceparent === 'string' ? traceparent : undefined,
      } as const;
      await telemetry.inSpan(start, telemetry.isTracing ? (span) => describe(span, method, ctx, next) : next);
    }
    durationOf(method, routeOf(ctx) ?? '', ctx.status).record((performance.now() - startedAt) / 1_000);
  };
}

async function describe(span: Span, method: string, ctx: Context, next: Next): Promise<void> {
  await next();
  const route = routeOf(ctx);
  if (route !== undefined) span.name(`${method} ${route}`);
  // Not the path itself: it may hold the id of a purchase.
  span.set({
    'http.request.method': method,
    'url.scheme': 'http',
    'http.response.status_code': ctx.status,
    ...(route === undefined ? {} : { 'http.route': route }),
  });
  if (ctx.status >= 500) span.fail(String(ctx.status));
}

function durations(telemetry: Telemetry): (method: string, route: string, status: number) => Series {
  const known = new Map<string, Series>();
  return (method, route, status) => {
    const key = `${method} ${route} ${status}`;
    let series = known.get(key);
    if (series === undefined) {
      const attributes = {
        'http.request.method': method,
        'http.response.status_code': status,
        'url.scheme': 'http',
      } as const;
      series = telemetry.series(httpServerDuration, route === '' ? attributes : { ...attributes, 'http.route': route });
      known.set(key, series);
    }
    return series;
  };
}
