import Router, { type RouterContext, type RouterMiddleware } from '@koa/router';
import { answerRoute, type AnswerRequest } from './answer-route.ts';
import { HttpError } from './http-error.ts';
import type { HttpLoad } from './http-load.ts';
import type { Route } from './route.ts';

/**
 * Answers each request by its route. A path without parameters is looked up; the router searches for the others. It
 * tries each of its paths, some fifty, and composes its steps anew, for every request.
 * @throws HttpError not_found, method_not_allowed
 */
export function routeRequests(routes: readonly Route[], load: HttpLoad): RouterMiddleware {
  const router = new Router({ strict: true, sensitive: true });
  const fixed = new Map<string, AnswerRequest>();
  for (const route of routes) {
    const answer = answerRoute(route, load);
    router.register(route.path, [route.method], answer);
    if (!route.path.includes(':')) fixed.set(`${route.method} ${route.path}`, answer);
  }
  const searched = router.routes();
  const search = async (ctx: RouterContext): Promise<void> => {
    await searched(ctx, () => refuseUnrouted(ctx, router.stack));
  };
  return (ctx) => (fixed.get(`${ctx.method} ${ctx.path}`) ?? search)(ctx);
}

function refuseUnrouted(ctx: RouterContext, stack: Router['stack']): never {
  const methods = new Set(stack.filter((layer) => layer.match(ctx.path)).flatMap((layer) => layer.methods));
  if (methods.size === 0) throw new HttpError('not_found', 'There is nothing at this path');
  const allowed = [...methods].join(', ');
  ctx.set('Allow', allowed);
  throw new HttpError('method_not_allowed', `This path takes ${allowed}`);
}
