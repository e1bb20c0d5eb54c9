import { ControlRefused } from './control/read-input.ts';
import { TELEGRAM_ACTIONS, TELEGRAM_VIEWS } from './control/telegram-control.ts';
import { readBody } from './http/exchange.ts';
import type { Answer } from './http/exchange.ts';
import type { Listener } from './http/serve.ts';
import type { TelegramSimulator } from './telegram/telegram-simulator.ts';
import type { WebEngageSimulator } from './webengage/webengage-simulator.ts';

interface Sides {
  readonly telegram: TelegramSimulator;
  readonly webengage: WebEngageSimulator;
}

/**
 * For callers outside this process: the demo against a running system, a person with curl. What an action takes is told
 * beside it in control/telegram-control.ts. A body names the bot and the chat by `botId` and `chatId` (a number, its
 * text, or the @name of a chat); without them it is about the first one.
 */
export function controlListener(sides: Sides): Listener {
  return async (request, _response, target) => {
    const text = await readBody(request);
    const method = request.method ?? '';
    try {
      if (method === 'GET' && target === '/state') return { status: 200, body: stateOf(sides) };
      const view = method === 'GET' ? TELEGRAM_VIEWS.get(target) : undefined;
      if (view !== undefined) return { status: 200, body: view(sides.telegram) };
      const action = method === 'POST' ? TELEGRAM_ACTIONS.get(target) : undefined;
      if (action === undefined) return refuse(404, whatThereIs());
      return { status: 200, body: action(text, sides.telegram) };
    } catch (error) {
      if (error instanceof ControlRefused) return refuse(400, error.message);
      throw error;
    }
  };
}

function whatThereIs(): string {
  const under = (paths: Iterable<string>): string => Array.from(paths, (path) => `/control${path}`).join(', ');
  return `Use POST ${under(TELEGRAM_ACTIONS.keys())}; or GET ${under(['/state', ...TELEGRAM_VIEWS.keys()])}`;
}

export interface SimulatorsState {
  readonly telegram: {
    readonly links: number;
    readonly calls: Record<string, number>;
    readonly linkCalls: number;
    readonly tooManyRequests: number;
    readonly callsDuringStop: number;
    readonly joins: number;
    readonly updatesPending: number;
    readonly updatesDelivered: number;
    readonly updatesNotAllowed: number;
    readonly updatesDropped: number;
    readonly webhookAttempts: number;
    readonly executedFromWebhookReply: number;
  };
  readonly webengage: {
    readonly calls: number;
    readonly events: number;
    readonly eventsByName: Record<string, number>;
    readonly users: number;
    readonly repeatsIgnored: number;
    readonly reservedNamesIgnored: number;
    readonly attributesIgnored: number;
    readonly tooManyRequests: number;
  };
}

function stateOf({ telegram, webengage }: Sides): SimulatorsState {
  const { calls, updates } = telegram;
  return {
    telegram: {
      links: telegram.links.size,
      calls: calls.byMethod(),
      linkCalls: calls.of('createChatInviteLink'),
      tooManyRequests: calls.tooManyRequests,
      callsDuringStop: calls.callsDuringStop,
      joins: telegram.joins,
      updatesPending: updates.pendingCount,
      updatesDelivered: updates.delivered,
      updatesNotAllowed: updates.notAllowed,
      updatesDropped: updates.dropped,
      webhookAttempts: updates.attempts,
      executedFromWebhookReply: updates.executedFromWebhookReply.length,
    },
    webengage: {
      calls: webengage.calls,
      events: webengage.eventCount,
      eventsByName: webengage.countsByName(),
      users: webengage.users.size,
      repeatsIgnored: webengage.repeatsIgnored,
      reservedNamesIgnored: webengage.reservedNamesIgnored,
      attributesIgnored: webengage.attributesIgnored,
      tooManyRequests: webengage.tooManyRequests,
    },
  };
}

function refuse(status: number, message: string): Answer {
  return { status, body: { ok: false, error: message } };
}
