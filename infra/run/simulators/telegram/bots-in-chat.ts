import type { BotAccount } from './bot-account.ts';
import { asMember, hasRight, isInside, rightsOf } from './standing.ts';
import type { BotStanding } from './telegram-options.ts';
import type { Shown } from './members.ts';
import type { ChatJoinRequest, ChatMember, ChatMemberUpdated } from './wire.ts';

interface Around {
  /** @throws when there is none. */
  bot(botId: number): BotAccount;
}

/** How bots stand to one chat. */
export class BotsInChat {
  readonly #around: Around;
  readonly #isChannel: () => boolean;
  readonly #standings = new Map<number, BotStanding>();

  constructor(around: Around, isChannel: () => boolean) {
    this.#around = around;
    this.#isChannel = isChannel;
  }

  /** Undefined: the bot has never been there. */
  standingOf(botId: number): BotStanding | undefined {
    return this.#standings.get(botId);
  }

  set(botId: number, standing: BotStanding): void {
    this.#standings.set(botId, standing);
  }

  asMember(bot: BotAccount): ChatMember {
    return asMember(bot.user, this.#standings.get(bot.botId), this.#isChannel());
  }

  get inside(): BotAccount[] {
    return this.#botsWith(isInside);
  }

  /** A bot that is no administrator gets no `chat_member` updates [tba]. `shown`: the link in it. */
  hearOfMember(update: ChatMemberUpdated, telegramUserId: number, shown: Shown | undefined): void {
    const bots = this.#botsWith((standing) => rightsOf(standing) !== undefined);
    tell(bots, 'chat_member', update, telegramUserId, shown);
  }

  /** Only a bot that may invite is told who asks to come in [types]. */
  hearOfRequest(update: ChatJoinRequest, telegramUserId: number, shown: Shown | undefined): void {
    const bots = this.#botsWith((standing) => hasRight(standing, 'can_invite_users'));
    tell(bots, 'chat_join_request', update, telegramUserId, shown);
  }

  #botsWith(holds: (standing: BotStanding) => boolean): BotAccount[] {
    return [...this.#standings].filter(([, standing]) => holds(standing)).map(([id]) => this.#around.bot(id));
  }
}

/** Both kinds reach a bot in one order for each person [tba]. */
function tell(
  bots: readonly BotAccount[],
  type: 'chat_member' | 'chat_join_request',
  update: ChatMemberUpdated | ChatJoinRequest,
  telegramUserId: number,
  shown: Shown | undefined,
): void {
  for (const { botId, store } of bots) {
    const seen = shown === undefined ? update : { ...update, invite_link: shown(botId) };
    store.add(`user ${telegramUserId}`, type, seen);
  }
}
