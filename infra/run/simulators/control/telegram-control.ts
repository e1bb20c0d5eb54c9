import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import type { BotStanding, ChatKind } from '../telegram/telegram-options.ts';
import type { SimulatedChat } from '../telegram/simulated-chat.ts';
import type { SimulatedBot, TelegramSimulator } from '../telegram/telegram-simulator.ts';
import {
  choiceIn,
  ControlRefused,
  idIn,
  optionalTextIn,
  positiveIn,
  readInput,
  rightsIn,
  textIn,
  type Input,
} from './read-input.ts';

type Action = (text: string, telegram: TelegramSimulator) => object;

const STANDINGS = ['inviting_administrator', 'administrator', 'member', 'left', 'kicked'] as const;
const KINDS: readonly ChatKind[] = ['supergroup', 'channel', 'group', 'private'];
const PERSON_EXAMPLE = '{"telegramUserId": 42, "chatId"?: -100…}';
const LIMIT_EXAMPLE = '{"botId"?: 42, "linkCallsPerSecond": 5, "burst"?: 5}';

/** What people do at Telegram, each with an example of its body. @throws ControlRefused. */
export const TELEGRAM_ACTIONS: ReadonlyMap<string, Action> = new Map([
  // Somebody opens a link. A refused join is a 200 too: the caller asked properly, and Telegram let nobody in.
  action('/join', '{"inviteLink": "https://t.me/+…", "telegramUserId"?: 42}', (input, telegram) => {
    const inviteLink = textIn(input, 'inviteLink');
    const telegramUserId = positiveIn(input, 'telegramUserId', 'whole number');
    return telegram.join(telegramUserId === undefined ? { inviteLink } : { inviteLink, telegramUserId });
  }),
  // What people do who are in a chat, and what its administrators do with them.
  ...(['leave', 'promote', 'restrict', 'ban', 'unban', 'approve', 'decline'] as const).map((deed) =>
    action(`/${deed}`, PERSON_EXAMPLE, (input, telegram) => {
      chatOf(input, telegram)[deed](personIn(input));
      return { ok: true };
    }),
  ),
  action('/is-in', PERSON_EXAMPLE, (input, telegram) => ({
    ok: true,
    isIn: chatOf(input, telegram).isIn(personIn(input)),
  })),
  // What Telegram shows of a link before somebody joins: its chat, and the bot that made it.
  action('/link', '{"inviteLink": "https://t.me/+…"}', (input, telegram) => {
    const link = telegram.links.get(textIn(input, 'inviteLink'));
    if (link === undefined) throw new ControlRefused('There is no such link');
    const { inviteLink, chatId, botId, name, memberLimit, expireDate, revoked, uses, present } = link;
    return { ok: true, inviteLink, chatId, botId, name, memberLimit, expireDate, revoked, uses, present };
  }),
  action(
    '/chats',
    '{"title": "Gold", "kind": "supergroup", "username"?: "gold", "chatId"?: -100…}',
    (input, telegram) => {
      const chatId = idIn(input, 'chatId');
      const { chatId: made } = telegram.addChat({
        chatId: chatId === undefined ? undefined : Number(chatId),
        title: textIn(input, 'title'),
        kind: choiceIn(input, 'kind', KINDS),
        username: optionalTextIn(input, 'username'),
      });
      return { ok: true, chatId: made };
    },
  ),
  action('/bots', '{"token": "42:…", "username"?: "gold_bot"}', (input, telegram) => {
    const { botId } = telegram.addBot({ token: textIn(input, 'token'), username: optionalTextIn(input, 'username') });
    return { ok: true, botId };
  }),
  // With `rights` the bot is an administrator who has these.
  action('/bot', '{"standing": "member", "botId"?: 42, "chatId"?: -100…} or {"rights": […], …}', (input, telegram) => {
    const rights = rightsIn(input);
    const standing: BotStanding = rights === undefined ? choiceIn(input, 'standing', STANDINGS) : { rights };
    chatOf(input, telegram).setBotStanding(botOf(input, telegram).botId, standing);
    return { ok: true };
  }),
  // An administrator opens a connection link, chooses the chat, and confirms the rights that it asks for.
  action(
    '/tap',
    '{"link": "https://t.me/<bot>?startgroup=…&admin=…", "chatId"?: -100…, "rights"?: […]}',
    (input, telegram) => {
      const { chatId } = chatOf(input, telegram);
      telegram.tap({ link: textIn(input, 'link'), chatId, rights: rightsIn(input) });
      return { ok: true };
    },
  ),
  // The group becomes a supergroup, with another id.
  action('/migrate', '{"chatId"?: -100…}', (input, telegram) => ({
    ok: true,
    chatId: chatOf(input, telegram).migrate(),
  })),
  action('/delete-chat', '{"chatId"?: -100…}', (input, telegram) => {
    chatOf(input, telegram).delete();
    return { ok: true };
  }),
  action('/revoke-token', '{"botId"?: 42}', (input, telegram) => ({
    ok: true,
    token: botOf(input, telegram).revokeToken(),
  })),
  // Another hidden limit on the link calls of a bot.
  action('/limit', LIMIT_EXAMPLE, (input, telegram) => {
    const callsPerSecond = positiveIn(input, 'linkCallsPerSecond', 'number');
    if (callsPerSecond === undefined) throw new ControlRefused(`linkCallsPerSecond is missing: ${LIMIT_EXAMPLE}`);
    botOf(input, telegram).limitLinks(callsPerSecond, positiveIn(input, 'burst', 'whole number'));
    return { ok: true };
  }),
  // Telegram orders a bot to make no links for so long.
  action('/pause', '{"botId"?: 42, "seconds": 60}', (input, telegram) => {
    botOf(input, telegram).pauseLinks(positiveIn(input, 'seconds', 'whole number') ?? 60);
    return { ok: true };
  }),
  // Somebody else sets the webhook of a bot.
  action(
    '/webhook',
    '{"url": "https://…", "botId"?: 42, "secretToken"?: "…", "allowedUpdates"?: ["message"]}',
    (input, telegram) => {
      const { secretToken, allowedUpdates } = input;
      botOf(input, telegram).setForeignWebhook({
        url: textIn(input, 'url'),
        secretToken: typeof secretToken === 'string' ? secretToken : undefined,
        allowedUpdates: Array.isArray(allowedUpdates) ? allowedUpdates.map(String) : undefined,
      });
      return { ok: true };
    },
  ),
]);

/** What is there now. */
export const TELEGRAM_VIEWS: ReadonlyMap<string, (telegram: TelegramSimulator) => object> = new Map<
  string,
  (telegram: TelegramSimulator) => object
>([
  ['/chats', ({ chats, bots }) => ({ chats: chats.map((chat) => chatView(chat, bots)) })],
  ['/bots', ({ bots }) => ({ bots: bots.map(botView) })],
]);

function chatView(chat: SimulatedChat, bots: readonly SimulatedBot[]): object {
  const { chatId, title, kind, username, memberCount, joins, messages } = chat;
  const standings = bots.map(({ botId }) => ({ botId, standing: chat.standingOf(botId) }));
  return {
    chatId,
    title,
    kind,
    username,
    memberCount,
    joins,
    bots: standings.filter(({ standing }) => standing !== undefined),
    messages,
  };
}

function botView({ botId, username, calls, updates }: SimulatedBot): object {
  return {
    botId,
    username,
    calls: calls.byMethod(),
    tooManyRequests: calls.tooManyRequests,
    tooManyMessages: calls.tooManyMessages,
    callsDuringStop: calls.callsDuringStop,
    updatesPending: updates.pendingCount,
    updatesDelivered: updates.delivered,
    updatesNotAllowed: updates.notAllowed,
  };
}

function action(
  path: string,
  example: string,
  act: (input: Input, telegram: TelegramSimulator) => object,
): readonly [string, Action] {
  return [
    path,
    (text, telegram) => {
      const input = readInput(text, example);
      try {
        return act(input, telegram);
      } catch (error) {
        throw error instanceof ControlRefused ? error : new ControlRefused(errorMessage(error), { cause: error });
      }
    },
  ];
}

function personIn(input: Input): number {
  const telegramUserId = positiveIn(input, 'telegramUserId', 'whole number');
  if (telegramUserId === undefined) throw new ControlRefused(`telegramUserId is missing: ${PERSON_EXAMPLE}`);
  return telegramUserId;
}

function botOf(input: Input, telegram: TelegramSimulator): SimulatedBot {
  return telegram.bot(idIn(input, 'botId') ?? telegram.bots[0]?.botId ?? '');
}

function chatOf(input: Input, telegram: TelegramSimulator): SimulatedChat {
  return telegram.chat(idIn(input, 'chatId') ?? telegram.chatId);
}
