import { chatMigrations } from '../model/communities/chat-migration.ts';
import {
  communities,
  DEFAULT_COMMUNITY,
  type Community,
  type ConnectedCommunity,
} from '../model/communities/community.ts';
import { defaultCommunity } from '../model/communities/default-community.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';
import { RecentDocuments } from '../recent/recent-documents.ts';
import { RecentValue } from '../recent/recent-value.ts';

/** A change by an operator is known everywhere after so long. */
export const COMMUNITY_FRESH_MS = 10_000;

interface Known {
  readonly byId: ReadonlyMap<string, Community>;
  readonly byChat: ReadonlyMap<string, Community>;
}

/**
 * The communities of the store, `default` as the settings have it. All are in memory. One query reads what has
 * changed, every COMMUNITY_FRESH_MS while somebody asks, however many communities there are: a purchase costs no read,
 * and adding a community needs no restart. While the store does not answer, they are as they were read last.
 */
export class KnownCommunities {
  readonly #store: DocumentStore;
  readonly #documents: RecentDocuments<Community>;
  readonly #environment: ConnectedCommunity | undefined;
  readonly #recent: RecentValue<Known>;
  readonly #environmentMovedTo: RecentValue<string | undefined>;
  #wereRead = false;
  #last: Known = { byId: new Map(), byChat: new Map() };

  /** `environment`: the community `default` as the settings describe it; undefined where the process has none. */
  constructor(
    { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
    environment?: ConnectedCommunity,
  ) {
    this.#store = store;
    this.#documents = new RecentDocuments<Community>(communities, { store, clock });
    this.#environment = environment;
    this.#recent = new RecentValue(() => this.#readChanges(), COMMUNITY_FRESH_MS, clock);
    this.#environmentMovedTo = new RecentValue(() => this.#readMigration(), COMMUNITY_FRESH_MS, clock);
  }

  /** Undefined: nobody has connected it. @throws RetryableError when the store has never answered. */
  async get(communityId: string): Promise<Community | undefined> {
    return (await this.#recent.get()).byId.get(communityId);
  }

  /** As it is now: before something is refused because of it. @throws as `get` */
  async readAgain(communityId: string): Promise<Community | undefined> {
    return (await this.#recent.get(0)).byId.get(communityId);
  }

  /** In the order of their ids. @throws RetryableError when the store has never answered. */
  async all(): Promise<readonly Community[]> {
    const { byId } = await this.#recent.get();
    return [...byId.values()].toSorted((one, other) => (one.communityId < other.communityId ? -1 : 1));
  }

  /**
   * The community that has the chat, or had it when it was disconnected: what was sold keeps its meaning.
   * @throws RetryableError when the store has never answered.
   */
  async byChat(chatId: string): Promise<Community | undefined> {
    const { byId, byChat } = await this.#recent.get();
    const known = byChat.get(chatId);
    if (known !== undefined || this.#environment === undefined) return known;
    return (await this.#environmentMovedTo.get()) === chatId ? byId.get(DEFAULT_COMMUNITY) : undefined;
  }

  /**
   * As it was read last, at once and without a read; undefined also when nothing was read yet. For what must not wait
   * for the store. It is read in the background when that is due; when that fails, what was read last goes on to count,
   * and the next caller reads again.
   */
  lastKnown(communityId: string): Community | undefined {
    this.#recent.get().catch(() => undefined);
    return this.#last.byId.get(communityId);
  }

  /** Whether they were ever read. */
  get wereRead(): boolean {
    return this.#wereRead;
  }

  async #readChanges(): Promise<Known> {
    const byId = new Map(await this.#documents.read());
    const environment = this.#environment;
    if (environment !== undefined)
      byId.set(DEFAULT_COMMUNITY, defaultCommunity(environment, byId.get(DEFAULT_COMMUNITY)));
    this.#wereRead = true;
    this.#last = { byId, byChat: byChatOf([...byId.values()], environment) };
    return this.#last;
  }

  async #readMigration(): Promise<string | undefined> {
    const chatId = this.#environment?.chatId ?? '';
    return (await this.#store.get(chatMigrations, chatId))?.data.chatId;
  }
}

/** Where two had the chat: `default`, then the connected one, then the one that had it last. */
function byChatOf(
  all: readonly Community[],
  environment: ConnectedCommunity | undefined,
): ReadonlyMap<string, Community> {
  const rank = (community: Community): string => {
    if (community.communityId === environment?.communityId) return '2';
    return community.state === 'disconnected' ? `0 ${community.disconnectedAt}` : '1';
  };
  return new Map(
    all
      .toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))
      .flatMap((community) =>
        community.state === 'waiting' || community.chatId === undefined ? [] : [[community.chatId, community] as const],
      ),
  );
}
