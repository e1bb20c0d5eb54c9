import { chatMigrations } from '../model/communities/chat-migration.ts';
import {
  communities,
  DEFAULT_COMMUNITY,
  type Community,
  type ConnectedCommunity,
} from '../model/communities/community.ts';
import { defaultCommunity } from '../model/communities/default-community.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { DocumentStore, Page } from '../platform/ports/document-store.ts';
import { RecentValue } from './recent-value.ts';

/** A change by an operator is known everywhere after so long. */
export const COMMUNITY_FRESH_MS = 10_000;
/** Two machines may write `updatedAt` by clocks that differ: for so long, what changed shortly before is read again. */
const CLOCKS_DIFFER_MS = 60_000;
const PAGE = 1_000;

interface Known {
  readonly byId: ReadonlyMap<string, Community>;
  readonly byChat: ReadonlyMap<string, Community>;
  readonly versions: ReadonlyMap<string, string>;
  /** `updatedAt` of the last change, and when it was seen here. */
  readonly newest: string;
  readonly newestSeenAtMs: number;
}

/**
 * The communities of the store, `default` as the settings have it. All are in memory. One query reads what has
 * changed, every COMMUNITY_FRESH_MS while somebody asks, however many communities there are: a purchase costs no read,
 * and adding a community needs no restart. While the store does not answer, they are as they were read last.
 */
export class KnownCommunities {
  readonly #store: DocumentStore;
  readonly #clock: Clock;
  readonly #environment: ConnectedCommunity | undefined;
  readonly #recent: RecentValue<Known>;
  readonly #environmentMovedTo: RecentValue<string | undefined>;
  #last: Known = { byId: new Map(), byChat: new Map(), versions: new Map(), newest: '', newestSeenAtMs: -Infinity };

  /** `environment`: the community `default` as the settings describe it; undefined where the process has none. */
  constructor(
    { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
    environment?: ConnectedCommunity,
  ) {
    this.#store = store;
    this.#clock = clock;
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

  async #readChanges(): Promise<Known> {
    const from = this.#unreadFrom();
    const byId = new Map(this.#last.byId);
    const versions = new Map(this.#last.versions);
    let { newest } = this.#last;
    let cursor: string | undefined;
    do {
      const page: Page<Community> = await this.#store.query({
        collection: communities,
        where: {},
        orderBy: { field: 'updatedAt', direction: 'ascending', from },
        limit: PAGE,
        cursor,
      });
      for (const { id, data, version } of page.documents) {
        // What is made for a community is kept as long as it is the same object.
        if (versions.get(id) !== version) byId.set(id, data);
        versions.set(id, version);
        newest = data.updatedAt;
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const environment = this.#environment;
    if (environment !== undefined)
      byId.set(DEFAULT_COMMUNITY, defaultCommunity(environment, byId.get(DEFAULT_COMMUNITY)));
    const newestSeenAtMs = newest === this.#last.newest ? this.#last.newestSeenAtMs : this.#clock.monotonicMs();
    this.#last = { byId, byChat: byChatOf([...byId.values()], environment), versions, newest, newestSeenAtMs };
    return this.#last;
  }

  #unreadFrom(): string | undefined {
    const { newest, newestSeenAtMs } = this.#last;
    const isRecent = this.#clock.monotonicMs() - newestSeenAtMs < CLOCKS_DIFFER_MS;
    if (newest === '') return undefined;
    if (!isRecent) return newest;
    return new Date(Date.parse(newest) - CLOCKS_DIFFER_MS).toISOString();
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
