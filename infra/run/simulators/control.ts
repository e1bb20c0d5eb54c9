import { isObject, parseJson, readBody } from './http/exchange.ts';
import type { Answer } from './http/exchange.ts';
import type { Listener } from './http/serve.ts';
import type { BotStanding, TelegramSimulator } from './telegram/telegram-simulator.ts';
import type { WebEngageSimulator } from './webengage/webengage-simulator.ts';

interface Sides {
  readonly telegram: TelegramSimulator;
  readonly webengage: WebEngageSimulator;
}

/**
 * For callers outside this process: the demo against a running system, a person with curl.
 *
 *     POST /control/join   {"inviteLink": "https://t.me/+…", "telegramUserId"?: 42}
 *     POST /control/bot     {"standing": "inviting_administrator" | "administrator" | "member" | "left" | "kicked"}
 *     POST /control/migrate  (the group becomes a supergroup, with another id)
 *     POST /control/webhook {"url": "https://…", "secretToken"?: "…", "allowedUpdates"?: ["message"]}  (somebody else
 *     sets it) GET  /control/state
 */
export function controlListener(sides: Sides): Listener {
  return async (request, _response, target) => {
    const text = await readBody(request);
    switch (`${request.method ?? ''} ${target}`) {
      case 'POST /join':
        return join(text, sides.telegram);
      case 'POST /bot':
        return setBotStanding(text, sides.telegram);
      case 'POST /migrate':
        return { status: 200, body: { ok: true, chatId: sides.telegram.migrateChat() } };
      case 'POST /webhook':
        return setForeignWebhook(text, sides.telegram);
      case 'GET /state':
        return { status: 200, body: stateOf(sides) };
      default:
        return refuse(
          404,
          'Use POST /control/join, /control/bot, /control/migrate or /control/webhook, or GET /control/state',
        );
    }
  };
}

/** 200 for a refused join too: the caller asked properly, and Telegram would not let the person in. */
function join(text: string, telegram: TelegramSimulator): Answer {
  const body = parseJson(text);
  if (!isObject(body))
    return refuse(400, 'The body must be a JSON object: {"inviteLink": "https://t.me/+…", "telegramUserId"?: 42}');
  const { inviteLink, telegramUserId } = body;
  if (typeof inviteLink !== 'string' || inviteLink === '') return refuse(400, 'inviteLink must be a non-empty string');
  if (telegramUserId === undefined) return { status: 200, body: telegram.join({ inviteLink }) };
  if (typeof telegramUserId !== 'number' || !Number.isSafeInteger(telegramUserId) || telegramUserId <= 0) {
    return refuse(400, 'telegramUserId must be a positive whole number');
  }
  return { status: 200, body: telegram.join({ inviteLink, telegramUserId }) };
}

const STANDINGS: readonly BotStanding[] = ['inviting_administrator', 'administrator', 'member', 'left', 'kicked'];

function setBotStanding(text: string, telegram: TelegramSimulator): Answer {
  const body = parseJson(text);
  const standing = isObject(body) ? STANDINGS.find((each) => each === body['standing']) : undefined;
  if (standing === undefined)
    return refuse(400, `The body must be a JSON object with a standing: ${STANDINGS.join(', ')}`);
  telegram.setBotStanding(standing);
  return { status: 200, body: { ok: true } };
}

function setForeignWebhook(text: string, telegram: TelegramSimulator): Answer {
  const body = parseJson(text);
  if (!isObject(body) || typeof body['url'] !== 'string')
    return refuse(400, 'The body must be a JSON object with a url');
  const { url, secretToken, allowedUpdates } = body;
  telegram.setForeignWebhook({
    url,
    ...(typeof secretToken === 'string' ? { secretToken } : {}),
    ...(Array.isArray(allowedUpdates) ? { allowedUpdates: allowedUpdates.map(String) } : {}),
  });
  return { status: 200, body: { ok: true } };
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
