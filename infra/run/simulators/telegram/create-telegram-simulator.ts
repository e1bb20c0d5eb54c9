import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { FaultScript } from '../http/faults.ts';
import type { Listener } from '../http/serve.ts';
import { withClockOffset } from '../http/clock-offset.ts';
import { botApiListener } from './bot-api-listener.ts';
import { countersOf } from './bot-account.ts';
import { CallLog } from './call-log.ts';
import { Directory } from './directory.ts';
import { tap } from './tap.ts';
import type { BotOptions, TelegramOptions } from './telegram-options.ts';
import type { SimulatedBot, TelegramCall, TelegramSimulator } from './telegram-simulator.ts';

/**
 * Telegram's Bot API server, as far as this system meets it, with its bots and chats.
 *
 * It does not imitate:
 * - flood waits that Telegram's client library absorbs before it answers (script a `delay`), limits of other
 *   methods than createChatInviteLink and sendMessage, and the real limit, which nobody knows: set your own
 * - the query of a guard bot, and what becomes of requests when their link is revoked: here they wait on
 * - getChatMember from a stale cache (script an answer), and people of whom a bot has never heard: here they are `left`
 * - https and the ports 443, 80, 88, 8443 for webhooks, certificates, closing a webhook after 23 h of 410
 * - rights other than those of BotRight, and what becomes of links when a group becomes a supergroup: here they live on
 * - multipart bodies, names cleaned of white space, expiry dates refused for lying in the past
 * - a memory: links, members and pending updates are gone with the process
 */
export function createTelegramSimulator(
  options: TelegramOptions,
  server: { readonly url: string; readonly close: () => Promise<void> },
): { readonly simulator: TelegramSimulator; readonly listener: Listener } {
  const { botToken, chatId, linkCallsPerSecond, burst, clock = systemClock, recordLinkCalls = true } = options;
  const directory = new Directory(clock);
  const faults = new FaultScript<TelegramCall>();
  const calls = new CallLog(recordLinkCalls);
  const addBot = (bot: BotOptions): SimulatedBot =>
    directory.addBot({
      ...bot,
      linkCallsPerSecond: bot.linkCallsPerSecond ?? linkCallsPerSecond,
      burst: bot.linkCallsPerSecond === undefined ? (bot.burst ?? burst) : bot.burst,
      messagesAreLimited: options.messageLimits !== 'unlimited',
      recordLinkCalls,
      total: calls,
      clock,
      retryScale: options.retryScale ?? 1,
      webhookTimeoutMs: options.webhookTimeoutMs ?? 60_000,
    });
  const firstBot = addBot({ token: botToken, username: 'simulated_bot' });
  options.bots?.forEach(addBot);
  const { botId } = firstBot;
  const firstChat = directory.addChat({
    chatId,
    title: 'Paid community',
    kind: 'supergroup',
    bots: [{ botId, standing: 'inviting_administrator' }],
  });
  options.chats?.forEach((chat) => directory.addChat(chat));

  const simulator: TelegramSimulator = {
    url: server.url,
    botToken,
    get chatId() {
      return firstChat.chatId;
    },
    clockOffsetMs: 0,
    faults,
    links: directory.links,
    calls,
    updates: countersOf(directory.bots),
    get joins() {
      return directory.chats.reduce((total, { joins }) => total + joins, 0);
    },
    bot: (id) => directory.bot(id),
    chat: (id) => directory.chat(id),
    bots: directory.bots,
    chats: directory.chats,
    addChat: (chat) => directory.addChat(chat),
    addBot,
    tap: (tapped) => tap(directory, tapped),
    join: (person) => {
      const link = directory.links.get(person.inviteLink);
      const place = link === undefined ? undefined : directory.chat(link.chatId);
      if (link === undefined || place?.isDeleted !== false) return { ok: false, reason: 'unknown_link' };
      return place.entrance.joinByLink(person, link);
    },
    joinByForeignLink: (person) => firstChat.joinByForeignLink(person),
    addWithoutLink: (person) => firstChat.addWithoutLink(person),
    leave: (telegramUserId) => firstChat.leave(telegramUserId),
    promote: (telegramUserId) => firstChat.promote(telegramUserId),
    restrict: (telegramUserId) => firstChat.restrict(telegramUserId),
    ban: (telegramUserId) => firstChat.ban(telegramUserId),
    unban: (telegramUserId) => firstChat.unban(telegramUserId),
    setBotStanding: (standing) => firstChat.setBotStanding(botId, standing),
    migrateChat: () => firstChat.migrate(),
    limitLinks: (callsPerSecond, most) => firstBot.limitLinks(callsPerSecond, most),
    pauseLinks: (seconds) => firstBot.pauseLinks(seconds),
    revokeToken: () => firstBot.revokeToken(),
    logOut: () => firstBot.logOut(),
    logIn: () => firstBot.logIn(),
    setForeignWebhook: (webhook) => firstBot.setForeignWebhook(webhook),
    injectUpdate: (update) => firstBot.injectUpdate(update),
    close: async () => {
      for (const bot of directory.bots) bot.close();
      await server.close();
    },
  };
  const listener = botApiListener({ directory, faults, now: () => clock.now() });
  return { simulator, listener: withClockOffset(listener, () => simulator.clockOffsetMs) };
}
