import { COMMUNITY_FRESH_MS, KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { RecentValue } from '@paid-community/shared/recent/recent-value.ts';
import { chatMigrations } from '@paid-community/shared/model/communities/chat-migration.ts';
import {
  DEFAULT_COMMUNITY,
  type Community,
  type CommunitySettings,
} from '@paid-community/shared/model/communities/community.ts';
import { healthReports } from '@paid-community/shared/model/operations/health-report.ts';
import { storeOwners } from '@paid-community/shared/model/operations/store-owner.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { linkWorker } from '@paid-community/shared/topology.ts';
import type { ChatMemberUpdated } from '../updates/telegram/update.ts';

type Chat = Pick<ChatMemberUpdated['chat'], 'id' | 'username'>;

/** Whose chat an update comes from. */
export interface ServedCommunity {
  readonly communityId: string;
  /** Each of them is told of each join. */
  readonly isServedBySeveral: boolean;
  /** As it was read last; undefined while nothing was, and where nobody has changed a setting of `default`. */
  readonly settings: CommunitySettings | undefined;
}

/**
 * Which chat is which community, and by which bots it is served. Anybody may add a bot to a group of their own and give
 * a link there any name, so what an update says counts only where it comes from. The setting knows the chat of the
 * default community by its id or @username; link-worker, which has the token, knows what became of it.
 */
export class CommunitiesOfChats {
  readonly #configured: string | undefined;
  readonly #communities: KnownCommunities;
  readonly #store: DocumentStore;
  /** This service may have no token; but the store says whose it is. Empty: nobody has said it yet. */
  readonly #defaultBotId: RecentValue<string>;
  /** Ids that link-worker knew as the default community's: such a chat stays its chat for this process. */
  readonly #learned = new Set<string>();

  /** `configured` is TELEGRAM_CHAT_ID, where this service has it. */
  constructor(
    configured: string | undefined,
    { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
  ) {
    this.#configured = configured;
    this.#communities = new KnownCommunities({ store, clock });
    this.#store = store;
    this.#defaultBotId = new RecentValue(
      async () => (await store.get(storeOwners, 'telegram'))?.data.account ?? '',
      COMMUNITY_FRESH_MS,
      clock,
    );
  }

  /**
   * The id of the community that has the chat. Two reads for a chat that none is known to have; none for one that is
   * known. @throws RetryableError when the store does not answer.
   */
  async of({ id, username }: Chat): Promise<string | undefined> {
    const chatId = String(id);
    if (chatId === this.#configured || this.#learned.has(chatId)) return DEFAULT_COMMUNITY;
    // Usernames are the same in any case (https://core.telegram.org/method/contacts.resolveUsername); only one of a
    // chat's is in an update.
    if (username !== undefined && `@${username}`.toLowerCase() === this.#configured?.toLowerCase())
      return DEFAULT_COMMUNITY;
    const known = await this.#communities.byChat(chatId);
    if (known !== undefined) return known.communityId;
    const [migration, report] = await Promise.all([
      this.#configured === undefined ? undefined : this.#store.get(chatMigrations, this.#configured),
      this.#store.get(healthReports, linkWorker),
    ]);
    if (migration?.data.chatId !== chatId && report?.data.facts['chatId'] !== chatId) return undefined;
    this.#learned.add(chatId);
    return DEFAULT_COMMUNITY;
  }

  /**
   * Undefined when the bot does not serve the community. The default bot always serves the default one.
   * @param botId - Undefined for the default bot.
   * @throws RetryableError when the store does not answer.
   */
  async servedBy(botId: string | undefined, communityId: string): Promise<ServedCommunity | undefined> {
    const isAllDefault = botId === undefined && communityId === DEFAULT_COMMUNITY;
    const known = isAllDefault ? this.#communities.lastKnown(communityId) : await this.#connected(communityId);
    const botIds = known?.botIds ?? [];
    const isServed = isAllDefault || botIds.includes(botId ?? (await this.#defaultBotId.get()));
    return isServed ? { communityId, isServedBySeveral: botIds.length > 1, settings: known } : undefined;
  }

  /** The link of a purchase may bring somebody in before the community is known here. */
  async #connected(communityId: string): Promise<Community | undefined> {
    return (await this.#communities.get(communityId)) ?? this.#communities.readAgain(communityId);
  }

  /** Whether the user is a bot that serves the community. @throws RetryableError when the store does not answer. */
  async isBotOf(communityId: string, userId: string): Promise<boolean> {
    const known = await this.#communities.get(communityId);
    return known?.botIds.includes(userId) === true || (await this.#defaultBotId.get()) === userId;
  }

  /** Whether an update that came by `botId` (undefined: the default bot) is one of the bot of this id. */
  async isBot(botId: string | undefined, id: string): Promise<boolean> {
    return (botId ?? (await this.#defaultBotId.get())) === id;
  }
}
