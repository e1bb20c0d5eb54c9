import pLimit, { type LimitFunction } from 'p-limit';
import { HttpError } from '../../http/http-error.ts';
import type { Authenticate, HttpRequest, HttpResponse, Route } from '../../http/route.ts';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Consumers, Delivery } from '../backend.ts';
import { MAX_PUSH_BODY_BYTES, parsePushEnvelope } from './push-envelope.ts';
import { pushPath } from './push-path.ts';
import { MAX_TASK_BODY_BYTES, parseTaskRequest } from './task-endpoint.ts';
import { taskPath } from './task-path.ts';

export interface PushDeliveryOptions {
  /** Needed where there are subscriptions. `anybody` may call only where emulators do. */
  readonly authenticatePush: Authenticate | 'anybody' | undefined;
  /** The same for tasks. */
  readonly authenticateTask: Authenticate | 'anybody' | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

// Pub/Sub acknowledges on 102, 200, 201, 202 and 204 only; Cloud Tasks on any 2xx.
const ACKNOWLEDGED: HttpResponse = { status: 200, body: {} };

/**
 * The endpoints through which Pub/Sub and Cloud Tasks deliver. A handler that rejects becomes 503, and the message or
 * task comes again.
 * @throws Error when two services of this process share a topic, or two queues an endpoint: one path stands for each.
 */
export function createPushDelivery(consumers: Consumers, options: PushDeliveryOptions): Delivery {
  const underWay = new Set<Promise<void>>();
  let stopped = false;

  const deliver = async (
    parse: () => () => Promise<void>,
    limit: LimitFunction,
    deadlineMs: number,
  ): Promise<HttpResponse> => {
    if (stopped) throw notProcessed('This instance is shutting down');
    const handle = parse();
    const cameAtMs = options.clock.monotonicMs();
    const work = limit(async () => {
      // Nobody waits for the answer any more, and another delivery of it is on its way.
      if (stopped || options.clock.monotonicMs() - cameAtMs > deadlineMs)
        throw notProcessed('No handler became free in time');
      await handle();
    });
    // stop() only waits: how the work ended is the caller's to know.
    const settled = work.catch(() => undefined);
    underWay.add(settled);
    try {
      await work;
    } catch (error) {
      if (error instanceof HttpError) throw error;
      throw notProcessed('The handler did not finish its work', error);
    } finally {
      underWay.delete(settled);
    }
    return ACKNOWLEDGED;
  };

  const routes: Route[] = [];
  for (const { subscription, handle } of consumers.subscriptions) {
    const limit = pLimit(subscription.maxConcurrency);
    routes.push({
      method: 'POST',
      path: pushPath(subscription.topic.name),
      traced: false,
      ...authentication(options.authenticatePush),
      body: { form: 'json', maxBytes: MAX_PUSH_BODY_BYTES },
      handle: (request) => {
        const parse = (): (() => Promise<void>) => {
          const message = parseLogged(() => parsePushEnvelope(request.body), subscription.name, options.log);
          return async () => handle(message);
        };
        return deliver(parse, limit, subscription.ackDeadlineSeconds * 1_000);
      },
    });
  }
  for (const { queue, handle } of consumers.tasks) {
    // The queue itself holds the concurrency, by its own setting.
    const limit = pLimit(Number.POSITIVE_INFINITY);
    routes.push({
      method: 'POST',
      path: taskPath(queue),
      traced: false,
      ...authentication(options.authenticateTask),
      body: { form: 'text', maxBytes: MAX_TASK_BODY_BYTES },
      handle: (request: HttpRequest) => {
        const parse = (): (() => Promise<void>) => {
          const task = parseLogged(() => parseTaskRequest(request), queue.name, options.log);
          return async () => handle(task);
        };
        return deliver(parse, limit, queue.dispatchDeadlineSeconds * 1_000);
      },
    });
  }
  requireDistinctPaths(routes);

  return {
    routes,
    stop: async (drainMs) => {
      stopped = true;
      if (underWay.size === 0) return;
      const cut = new AbortController();
      await Promise.race([Promise.all(underWay), options.clock.sleep(drainMs, cut.signal)]);
      cut.abort();
    },
  };
}

// Forgotten settings must not open an endpoint.
function authentication(authenticate: Authenticate | 'anybody' | undefined): Pick<Route, 'authenticate'> {
  if (authenticate === undefined) throw new Error('A push endpoint needs to know its caller');
  return authenticate === 'anybody' ? {} : { authenticate };
}

function requireDistinctPaths(routes: readonly Route[]): void {
  const paths = routes.map(({ path }) => path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new Error(`Two subscriptions or queues of one process would share the path ${twice}`);
}

// Not our messages at all: somebody has pointed a subscription or a queue of another kind here, and must hear of it.
function parseLogged<T>(parse: () => T, source: string, log: Logger): T {
  try {
    return parse();
  } catch (error) {
    log.error(
      { source, ...(error instanceof HttpError ? { issues: error.issues } : {}), error },
      'a delivery was refused: its envelope is malformed',
    );
    throw error;
  }
}

function notProcessed(why: string, cause?: unknown): HttpError {
  const error = new HttpError('unavailable', `${why}; please deliver it again`);
  if (cause !== undefined) error.cause = cause;
  return error;
}
