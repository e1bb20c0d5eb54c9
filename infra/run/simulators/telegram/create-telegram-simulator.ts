import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { FaultScript } from '../http/faults.ts';
import type { Listener } from '../http/serve.ts';
import { withClockOffset } from '../http/clock-offset.ts';
import { botApiListener } from './bot-api-listener.ts';
import { CallLog } from './call-log.ts';
import { ChatPlace } from './chat-place.ts';
import { Community } from './community.ts';
import { InviteLinks } from './invite-links.ts';
import { LinkRate } from './link-rate.ts';
import { LongPoll } from './long-poll.ts';
import { createMethods } from './methods.ts';
import type { TelegramCall, TelegramOptions, TelegramSimulator } from './telegram-simulator.ts';
import { UpdateStore } from './update-store.ts';
import { Webhook } from './webhook.ts';
import type { Chat, User } from './wire.ts';

/**
 * Telegram's Bot API server, as far as this system meets it, with one bot and one supergroup.
 *
 * It does not imitate:
 * - flood waits that Telegram's client library absorbs before it answers (script a `delay`), limits of other
 *   methods than createChatInviteLink, and the real limit, which nobody knows: set your own
 * - join requests: a link that creates them lets nobody in
 * - https and the ports 443, 80, 88, 8443 for webhooks, certificates, closing a webhook after 23 h of 410
 * - rights other than to invite, and what becomes of links when a group becomes a supergroup: here they live on
 * - multipart bodies, names cleaned of white space, expiry dates refused for lying in the past
 * - a memory: links, members and pending updates are gone with the process
 */
export function createTelegramSimulator(
  options: TelegramOptions,
  server: { readonly url: string; readonly close: () => Promise<void> },
): { readonly simulator: TelegramSimulator; readonly listener: Listener } {
  const {
    botToken,
    chatId,
    linkCallsPerSecond,
    clock = systemClock,
    retryScale = 1,
    webhookTimeoutMs = 60_000,
  } = options;
  const bot: User = { id: botIdOf(botToken), is_bot: true, first_name: 'Simulated bot', username: 'simulated_bot' };
  const chat: Chat = { id: chatId, title: 'Paid community', type: 'supergroup' };
  const faults = new FaultScript<TelegramCall>();
  const calls = new CallLog(options.recordLinkCalls ?? true);
  const links = new InviteLinks(bot, clock);
  const store = new UpdateStore(clock);
  const place = new ChatPlace({
    chat,
    bot,
    clock,
    changed: (update) => store.addFor(bot.id, 'my_chat_member', update),
  });
  const community = new Community({
    chat: () => place.chat,
    bot,
    links,
    clock,
    changed: (update, telegramUserId) => {
      if (place.botSeesMembers) store.addFor(telegramUserId, 'chat_member', update);
    },
  });
  const webhook = new Webhook({ store, clock, retryScale, timeoutMs: webhookTimeoutMs });
  const longPoll = new LongPoll(store, clock);
  const linkRate = new LinkRate({
    callsPerSecond: linkCallsPerSecond,
    burst: options.burst ?? secondsWorth(linkCallsPerSecond),
    clock,
  });
  let isLoggedOut = false;
  const setLoggedOut = (value: boolean): void => {
    isLoggedOut = value;
  };
  const methods = createMethods({
    bot,
    place,
    links,
    linkRate,
    community,
    store,
    webhook,
    longPoll,
    loggedOut: () => setLoggedOut(true),
  });

  const simulator: TelegramSimulator = {
    url: server.url,
    botToken,
    get chatId() {
      return place.chat.id;
    },
    clockOffsetMs: 0,
    faults,
    links,
    calls,
    updates: {
      pending: () => Array.from(store.pending(), ({ update }) => update),
      get pendingCount() {
        return store.pendingCount;
      },
      get delivered() {
        return store.delivered;
      },
      get attempts() {
        return webhook.attempts;
      },
      get notAllowed() {
        return store.notAllowed;
      },
      get dropped() {
        return store.dropped;
      },
      executedFromWebhookReply: webhook.executedReplies,
    },
    get joins() {
      return community.joins;
    },
    join: (person) => community.joinByLink(person),
    joinByForeignLink: (person = {}) => community.joinByForeignLink(person),
    addWithoutLink: (person = {}) => community.addByAdmin(person),
    leave: (telegramUserId) => community.leave(telegramUserId),
    promote: (telegramUserId) => community.promote(telegramUserId),
    restrict: (telegramUserId) => community.restrict(telegramUserId),
    ban: (telegramUserId) => community.ban(telegramUserId),
    logOut: () => setLoggedOut(true),
    logIn: () => setLoggedOut(false),
    setBotStanding: (standing) => place.setBotStanding(standing),
    migrateChat: () => place.migrate(),
    setForeignWebhook: ({ url, secretToken = '', allowedUpdates }) => {
      webhook.set({ url, secretToken, maxConnections: undefined, dropPending: false });
      store.allow(allowedUpdates);
    },
    injectUpdate: (update) => store.inject(update),
    close: async () => {
      webhook.remove(false);
      longPoll.interrupt('the simulator closes');
      await server.close();
    },
  };
  const listener = botApiListener({
    botToken,
    methods,
    faults,
    calls,
    linkRate,
    now: () => clock.now(),
    isLoggedOut: () => isLoggedOut,
  });
  return { simulator, listener: withClockOffset(listener, () => simulator.clockOffsetMs) };
}

/** A bot's token begins with its user id. */
function botIdOf(botToken: string): number {
  const digits = /^\d+/.exec(botToken)?.[0];
  return digits === undefined ? 4_000_000_001 : Number(digits);
}

function secondsWorth(callsPerSecond: number | 'unlimited'): number {
  return callsPerSecond === 'unlimited' ? 1 : Math.max(1, Math.ceil(callsPerSecond));
}
