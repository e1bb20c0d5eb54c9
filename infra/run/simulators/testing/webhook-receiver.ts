import type { IncomingHttpHeaders } from 'node:http';
import { isObject, parseJson, readBody } from '../http/exchange.ts';
import type { Answer } from '../http/exchange.ts';
import { openServer } from '../http/serve.ts';

export interface ReceivedUpdate {
  readonly headers: IncomingHttpHeaders;
  readonly update: Readonly<Record<string, unknown>>;
  /** The person a chat_member update is about; 0 for other updates. */
  readonly telegramUserId: number;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly received: ReceivedUpdate[];
  /** 200 with {} unless replaced; undefined leaves the call open. */
  respond: (update: ReceivedUpdate) => Answer | undefined | Promise<Answer | undefined>;
  close(): Promise<void>;
}

/** The bot's side of a webhook. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const server = await openServer();
  const receiver: WebhookReceiver = {
    url: `${server.url}/hook`,
    received: [],
    respond: () => ({ status: 200 }),
    close: () => server.close(),
  };
  server.listen(async (request) => {
    const parsed = parseJson(await readBody(request));
    const update = isObject(parsed) ? parsed : {};
    const received = { headers: request.headers, update, telegramUserId: userIdOf(update) };
    receiver.received.push(received);
    return receiver.respond(received);
  });
  return receiver;
}

function userIdOf(update: Readonly<Record<string, unknown>>): number {
  const change = update['chat_member'];
  const member = isObject(change) ? change['new_chat_member'] : undefined;
  const user = isObject(member) ? member['user'] : undefined;
  return isObject(user) && typeof user['id'] === 'number' ? user['id'] : 0;
}
