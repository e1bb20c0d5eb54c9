import { errorCode } from '@paid-community/shared/platform/delivery/errors.ts';
import type { NamedKeyAuthentication } from '@paid-community/shared/platform/http/authenticate.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { HttpRequest, Route } from '@paid-community/shared/platform/http/route.ts';
import { OperationFailed, type Operation, type OperatorDeps } from './operation.ts';

export const OPERATOR_PATH = '/v1/ops';

/** Operations of one kind that an operator may have under way: a command sends one after the other. */
const AT_ONCE = 20;

/** An operation as a route: who may call it, what it takes, and one line of log that says who did what. */
export function mountOperation(operation: Operation, authenticate: NamedKeyAuthentication, deps: OperatorDeps): Route {
  const { action, method, path } = operation;
  return {
    method,
    path: OPERATOR_PATH + path,
    authenticate,
    atOnce: AT_ONCE,
    handle: async (request) => {
      const operator = authenticate(request.headers);
      const startedAtMs = deps.clock.monotonicMs();
      const elapsedMs = (): number => Math.round(deps.clock.monotonicMs() - startedAtMs);
      const line = { operator, action, traceparent: request.traceparent };
      try {
        const { answer, logged } = await operation.perform(inputOf(method, request), {
          ...deps,
          operator,
          traceparent: request.traceparent,
        });
        deps.log.info({ ...line, ...logged, durationMs: elapsedMs(), outcome: 'done' }, 'operator action');
        return { status: 200, body: { ok: true, ...answer } };
      } catch (error) {
        const { logged, cause } = error instanceof OperationFailed ? error : { logged: {}, cause: error };
        const code = cause instanceof HttpError ? cause.code : errorCode(cause);
        deps.log.warn({ ...line, ...logged, durationMs: elapsedMs(), outcome: 'failed', code }, 'operator action');
        throw cause;
      }
    },
  };
}

/** @throws HttpError invalid_request when there is a body and it is no object. */
function inputOf(method: Route['method'], { params, query, body }: HttpRequest): object {
  if (method === 'GET') return { ...query, ...params };
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new HttpError('invalid_request', 'The body must be a JSON object; {} when there is nothing to say');
  return { ...body, ...params };
}
