import { COMMUNITY_FRESH_MS, type KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import type { CallKind } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Community, ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import type { Turns } from '../calls/make-call.ts';
import { Bot } from './bot.ts';
import { CommunityChat } from './community-chat.ts';
import { NoTokenError, notConnected } from './not-served.ts';
import { ServingBot } from './serving-bot.ts';
import { soonestBot } from './soonest-bot.ts';
import { Throttle, type AskedTurn, type ThrottleOptions } from './throttle.ts';
import type { QueuedPlace } from './turns/community-lines.ts';

/** Those of a community's bots whose tokens this process has. */
interface BotList {
  readonly bots: readonly [Bot, ...Bot[]];
  readonly botIds: readonly string[];
}

/** A community, as the bots of this process serve it. */
export interface ServedCommunity extends BotList {
  readonly communityId: string;
  readonly chat: CommunityChat;
}

/** Who made a link, and where, as it is recorded with the link. */
export interface LinkOrigin {
  /** Absent: an older version made it, by the default bot. */
  readonly botId?: string | undefined;
  /** Absent: an older version did not record it. */
  readonly telegramChatId?: string | undefined;
}

export interface BotsOptions extends ThrottleOptions {
  /** By the id of the bot; the default bot comes first. */
  readonly apis: ReadonlyMap<string, BotApi>;
}

export interface BotsDeps {
  readonly communities: KnownCommunities;
  readonly store: DocumentStore;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Every bot whose token this process has, and the communities that they serve. Communities come and go while it runs.
 * What belongs to one is made when it is first needed.
 */
export class Bots {
  readonly all: readonly [Bot, ...Bot[]];
  /** The turns of all of them. */
  readonly throttle: Throttle;
  readonly #byId: ReadonlyMap<string, Bot>;
  readonly #deps: BotsDeps;
  #toldAtMs = -Infinity;
  /** By the id of the chat: a community may have had other chats before, and its links there are still revoked. */
  readonly #chats = new Map<string, CommunityChat>();
  readonly #botLists = new Map<string, BotList>();
  readonly #served = new WeakMap<Community, ServedCommunity>();

  constructor({ apis, ...options }: BotsOptions, deps: BotsDeps) {
    const [first, ...others] = [...apis].map(([botId, api]) => new Bot(botId, api, deps.clock));
    if (first === undefined) throw new Error('There is no bot');
    this.all = [first, ...others];
    this.#byId = new Map(this.all.map((bot) => [bot.botId, bot]));
    this.throttle = new Throttle(options, deps);
    this.#deps = deps;
  }

  /**
   * @throws PermanentError when the community is not connected; NoTokenError when this process has the token of none of
   * its bots; RetryableError when the store does not answer.
   */
  async of(communityId: string): Promise<ServedCommunity> {
    const { communities } = this.#deps;
    const known = await communities.get(communityId);
    // Before a purchase is given up, it counts what is so now.
    const community = known?.state === 'connected' ? known : await communities.readAgain(communityId);
    if (community?.state !== 'connected') throw notConnected(communityId, community);
    const served = this.serve(community);
    this.throttle.know(communityId, served.botIds);
    return served;
  }

  /** @throws NoTokenError when this process has the token of none of its bots */
  serve(community: ConnectedCommunity): ServedCommunity {
    const known = this.#served.get(community);
    if (known !== undefined) return known;
    const { communityId, chatId, botIds } = community;
    const list = this.#listOf(botIds);
    if (list === undefined) throw new NoTokenError(botIds, `The community "${communityId}"`);
    const served = { ...list, communityId, chat: this.#chatOf(communityId, chatId) };
    this.#served.set(community, served);
    return served;
  }

  /** The bot of the community that makes its next call of the kind. @throws as `of` */
  async soonest(communityId: string, kind: CallKind): Promise<ServingBot> {
    return this.#soonestOf(await this.of(communityId), kind);
  }

  /**
   * The bot that makes the call, and its turn, which is asked for in the moment in which the bot is chosen. Otherwise
   * many calls at once would choose the same bot, and most of them would come back. @throws as `of`
   */
  async soonestTurn(
    kind: CallKind,
    asked: AskedTurn,
  ): Promise<{ readonly serving: ServingBot; readonly turns: Turns }> {
    const serving = this.#soonestOf(await this.of(asked.communityId), kind);
    const turns = this.throttle.turns(serving.bot.botId, kind, asked);
    const turn = turns.turn();
    return { serving, turns: { ...turns, turn: () => turn } };
  }

  /** Those that could not do what they were asked for a moment ago come after all others. */
  #soonestOf({ communityId, chat, bots }: ServedCommunity, kind: CallKind): ServingBot {
    const waitMsOf = (bot: Bot): number =>
      chat.holdsBack(bot) ? Infinity : this.throttle.waitMs(bot.botId, kind, communityId);
    return new ServingBot(soonestBot(bots, waitMsOf), chat);
  }

  /**
   * Where a new task of the community stands in its line; undefined: it comes at once, as do those that nobody serves.
   * @throws RetryableError when the store does not answer.
   */
  async placeInLine(communityId: string): Promise<QueuedPlace | undefined> {
    try {
      await this.of(communityId);
    } catch (error) {
      if (error instanceof PermanentError) return undefined;
      throw error;
    }
    await this.#tellThrottle();
    return this.throttle.place(communityId);
  }

  /** Also of communities that want nothing yet: a backlog of another one must not stand in their way. It costs no read. */
  async #tellThrottle(): Promise<void> {
    const { clock, communities } = this.#deps;
    if (clock.monotonicMs() - this.#toldAtMs < COMMUNITY_FRESH_MS) return;
    this.#toldAtMs = clock.monotonicMs();
    for (const { state, communityId, botIds } of await communities.all())
      if (state === 'connected') this.throttle.know(communityId, this.#listOf(botIds)?.botIds ?? []);
  }

  /**
   * The bot that has made a link, in the chat in which it was made: no other bot, and no call in another chat, can
   * revoke it. Community and bots may have changed since. Where the chat is not recorded, it is the one that the
   * community has, or had last.
   * @throws NoTokenError when this process does not have its token; otherwise as `of`, if the chat is not recorded
   */
  async maker(communityId: string, { botId, telegramChatId }: LinkOrigin): Promise<ServingBot> {
    const chatId = telegramChatId ?? (await this.#lastChatOf(communityId));
    const bot = botId === undefined ? this.all[0] : this.#byId.get(botId);
    if (bot === undefined) throw new NoTokenError([botId ?? ''], `A link of the community "${communityId}"`);
    return new ServingBot(bot, this.#chatOf(communityId, chatId));
  }

  async #lastChatOf(communityId: string): Promise<string> {
    const community = await this.#deps.communities.get(communityId);
    const chatId = community === undefined || community.state === 'waiting' ? undefined : community.chatId;
    if (chatId === undefined) throw notConnected(communityId, community);
    return chatId;
  }

  /** Undefined when this process does not have its token. */
  byId(botId: string): Bot | undefined {
    return this.#byId.get(botId);
  }

  /** The default bot, and those that were asked for a turn of the kind since the start. */
  called(kind: CallKind): readonly Bot[] {
    return this.all.filter((bot, index) => index === 0 || this.throttle.wasAsked(bot.botId, kind));
  }

  /** Communities with the same bots share one list: what is reckoned of it is reckoned once. */
  #listOf(botIds: readonly string[]): BotList | undefined {
    const key = botIds.join(' ');
    const known = this.#botLists.get(key);
    if (known !== undefined) return known;
    const [first, ...others] = botIds.flatMap((botId) => this.#byId.get(botId) ?? []);
    if (first === undefined) return undefined;
    const bots = [first, ...others] as const;
    const list = { bots, botIds: bots.map(({ botId }) => botId) };
    this.#botLists.set(key, list);
    return list;
  }

  #chatOf(communityId: string, chatId: string): CommunityChat {
    const chat = this.#chats.get(chatId) ?? new CommunityChat({ communityId, chatId }, this.#deps);
    this.#chats.set(chatId, chat);
    return chat;
  }
}
