import { isObject, parseJson } from '../http/exchange.ts';
import type { TelegramOptions } from '../telegram/telegram-options.ts';
import type { TelegramSimulator } from '../telegram/telegram-simulator.ts';
import { startTelegramSimulator } from '../telegram/start-telegram-simulator.ts';

export const BOT_TOKEN = '123456:test-token';
export const CHAT_ID = -1001234567890;

export function startTelegram(options: Partial<TelegramOptions> = {}): Promise<TelegramSimulator> {
  return startTelegramSimulator({ botToken: BOT_TOKEN, chatId: CHAT_ID, linkCallsPerSecond: 'unlimited', ...options });
}

export interface BotAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly ok: unknown;
  readonly result: unknown;
  readonly description: unknown;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A call as a bot library makes it: POST with JSON. */
export async function botCall(
  simulator: Pick<TelegramSimulator, 'url' | 'botToken'>,
  method: string,
  parameters: object = {},
  init: RequestInit = {},
): Promise<BotAnswer> {
  const response = await fetch(`${simulator.url}/bot${simulator.botToken}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parameters),
    ...init,
  });
  return readBotAnswer(response);
}

export async function readBotAnswer(response: Response): Promise<BotAnswer> {
  const parsed = parseJson(await response.text());
  const body = isObject(parsed) ? parsed : {};
  const { ok, result, description } = body;
  return { status: response.status, headers: response.headers, ok, result, description, body };
}

/** Makes a link with the bot and returns its address. */
export async function createLink(simulator: TelegramSimulator, parameters: object = {}): Promise<string> {
  const { result } = await botCall(simulator, 'createChatInviteLink', { chat_id: CHAT_ID, ...parameters });
  if (!isObject(result) || typeof result['invite_link'] !== 'string') throw new Error('No link was created');
  return result['invite_link'];
}
