import type { ServerResponse } from 'node:http';
import { conclude, readBody } from '../http/exchange.ts';
import type { Answer } from '../http/exchange.ts';
import type { FaultScript } from '../http/faults.ts';
import type { Listener } from '../http/serve.ts';
import { BotApiError, errorAnswer, tooManyRequestsAnswer } from './bot-api-error.ts';
import type { BotAccount } from './bot-account.ts';
import { LINK_METHOD } from './call-log.ts';
import type { Directory } from './directory.ts';
import { methods, TooManyCalls } from './methods.ts';
import type { Method } from './methods.ts';
import { parseParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import type { TelegramCall } from './telegram-simulator.ts';

export interface BotApiContext {
  readonly directory: Directory;
  readonly faults: FaultScript<TelegramCall>;
  readonly now: () => number;
}

const notFound = new BotApiError(404, 'Not Found');
const unauthorized = new BotApiError(401, 'Unauthorized');
/** Without the words "Bad Request" [tba, get_closing_error]. */
const loggedOut = new BotApiError(400, 'Logged out');

/** `/bot<token>/<method>`, by GET or POST. */
export function botApiListener(context: BotApiContext): Listener {
  return async (request, response, target) => {
    const body = await readBody(request);
    const [path = '', query = ''] = splitOnce(target, '?');
    const [, token = '', name = ''] = /^\/bot([^/]+)\/([A-Za-z]+)$/.exec(path) ?? [];
    if (name === '') return errorAnswer(notFound);
    const bot = context.directory.botWithToken(decodeToken(token));
    if (bot === undefined) return errorAnswer(unauthorized);
    const method = methods.get(name.toLowerCase());
    if (method === undefined) return errorAnswer(notFound);
    if (bot.isLoggedOut) return errorAnswer(loggedOut);
    let parameters: Parameters;
    try {
      parameters = parseParameters(query, request.headers['content-type'], body);
    } catch (error) {
      return refusal(error);
    }
    return answer(context, { bot, method, parameters, response });
  };
}

interface AcceptedCall {
  readonly bot: BotAccount;
  readonly method: Method;
  readonly parameters: Parameters;
  readonly response: ServerResponse;
}

async function answer(
  { directory, faults, now }: BotApiContext,
  { bot, method, parameters, response }: AcceptedCall,
): Promise<Answer | undefined> {
  const { calls, linkRate, botId } = bot;
  const { name } = method;
  const callNumber = calls.count(name);
  if (name === LINK_METHOD) calls.linkCalled(now(), linkRate.isPaused);
  const tooMany = (retryAfter: number | string | undefined): Answer => {
    calls.refused(name);
    return tooManyRequestsAnswer(retryAfter);
  };
  return conclude({
    response,
    fault: faults.take(name, { botId, method: name, parameters, callNumber }),
    work: async () => {
      try {
        const call = { bot, parameters, directory, gone: () => goneSignal(response) };
        return { status: 200, body: { ok: true, result: await method.work(call) } };
      } catch (error) {
        return error instanceof TooManyCalls ? tooMany(error.retryAfterSec) : refusal(error);
      }
    },
    tooManyRequests: (retryAfter) => {
      if (name === LINK_METHOD && typeof retryAfter === 'number') linkRate.impose(retryAfter);
      return tooMany(retryAfter);
    },
  });
}

function refusal(error: unknown): Answer {
  if (error instanceof BotApiError) return errorAnswer(error);
  throw error;
}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}

function decodeToken(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
