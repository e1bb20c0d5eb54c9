import type { CallKind } from '@paid-community/shared/model/communities/bot-rate.ts';
import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { CallPacer } from './call-pacer.ts';
import { CommunityChat } from './community-chat.ts';
import type { RateBounds } from './pace/rate-state.ts';

/** One bot and all that its token allows. */
export interface Bot {
  readonly botId: string;
  readonly api: BotApi;
  /** The turns of its calls of one kind. Each kind has a pace and a pause of its own. */
  pacer(kind: CallKind): CallPacer;
}

/** A community, as a bot serves it. */
export interface ServedCommunity {
  readonly communityId: string;
  readonly bot: Bot;
  readonly chat: CommunityChat;
}

export interface BotsOptions {
  readonly bots: readonly { readonly botId: string; readonly api: BotApi }[];
  readonly communities: readonly { readonly communityId: string; readonly botId: string; readonly chatId: string }[];
  /** Another one for each process. */
  readonly instanceId: string;
  readonly bounds: RateBounds;
}

export interface BotsDeps {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Every bot whose token this process has, and the communities that they serve. */
export class Bots {
  readonly all: readonly Bot[];
  readonly communities: readonly ServedCommunity[];

  /** @throws PermanentError when a community names a bot that is not among them. */
  constructor({ bots, communities, instanceId, bounds }: BotsOptions, deps: BotsDeps) {
    // The bots share the queue. Where there are several, a call that waits for its turn must not fill it.
    const maxWaiting = bots.length === 1 ? Infinity : 1;
    this.all = bots.map(({ botId, api }) => {
      const pacers = new Map<CallKind, CallPacer>();
      const pacer = (kind: CallKind): CallPacer => {
        const known = pacers.get(kind) ?? new CallPacer({ botId, kind, instanceId, bounds, maxWaiting }, deps);
        pacers.set(kind, known);
        return known;
      };
      return { botId, api, pacer };
    });
    this.communities = communities.map(({ communityId, botId, chatId }) => {
      const bot = this.all.find((each) => each.botId === botId);
      if (bot === undefined) throw new PermanentError('unknown_bot', `There is no token of the bot ${botId}`);
      return { communityId, bot, chat: new CommunityChat(chatId, { ...deps, botApi: bot.api }) };
    });
  }

  /** @throws PermanentError when no bot of this process serves the community. */
  of(communityId: string): ServedCommunity {
    const served = this.communities.find((each) => each.communityId === communityId);
    if (served === undefined)
      throw new PermanentError('unknown_community', `No bot serves the community "${communityId}"`);
    return served;
  }
}
