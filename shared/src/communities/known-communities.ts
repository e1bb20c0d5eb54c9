import { chatMigrations } from '../model/communities/chat-migration.ts';
import { communities, DEFAULT_COMMUNITY, type Community } from '../model/communities/community.ts';
import { communityChats } from '../model/communities/community-chat.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';

/** A change by an operator is known everywhere after so long. */
export const COMMUNITY_FRESH_MS = 10_000;
/** Ids that nobody has connected are remembered in this number at most: callers may send any. */
const MOST_UNKNOWN = 10_000;

interface Read {
  readonly atMs: number;
  readonly community: Promise<Community | undefined>;
}

/**
 * The communities as the store has them, each read again after COMMUNITY_FRESH_MS at most. So adding one needs no
 * restart, and a purchase costs no read.
 */
export class KnownCommunities {
  readonly #store: DocumentStore;
  readonly #clock: Clock;
  readonly #environment: Community | undefined;
  readonly #byId = new Map<string, Read>();
  readonly #byChat = new Map<string, Read>();

  /** `environment`: the community `default` as the settings describe it; undefined where the process has none. */
  constructor(
    { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
    environment?: Community | undefined,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#environment = environment;
  }

  /** Undefined: nobody has connected it. @throws RetryableError when the store does not answer. */
  get(communityId: string): Promise<Community | undefined> {
    return this.#fresh(this.#byId, communityId, () => this.#readById(communityId));
  }

  /** The community that has the chat. @throws RetryableError when the store does not answer. */
  byChat(chatId: string): Promise<Community | undefined> {
    return this.#fresh(this.#byChat, chatId, () => this.#readByChat(chatId));
  }

  async #readById(communityId: string): Promise<Community | undefined> {
    const stored = (await this.#store.get(communities, communityId))?.data;
    const environment = this.#environment;
    if (communityId !== DEFAULT_COMMUNITY || environment?.state !== 'connected') return stored;
    if (stored === undefined) return environment;
    // Settings are the operator's; the chat is the environment's.
    return { ...stored, state: 'connected', chatId: environment.chatId };
  }

  async #readByChat(chatId: string): Promise<Community | undefined> {
    const environment = this.#environment;
    const [claim, migration] = await Promise.all([
      this.#store.get(communityChats, chatId),
      environment?.state === 'connected' ? this.#store.get(chatMigrations, environment.chatId) : undefined,
    ]);
    if (claim !== undefined) return this.get(claim.data.communityId);
    const isDefault =
      environment?.state === 'connected' && (environment.chatId === chatId || migration?.data.chatId === chatId);
    return isDefault ? this.get(DEFAULT_COMMUNITY) : undefined;
  }

  async #fresh(
    known: Map<string, Read>,
    key: string,
    read: () => Promise<Community | undefined>,
  ): Promise<Community | undefined> {
    const now = this.#clock.monotonicMs();
    const last = known.get(key);
    if (last !== undefined && now - last.atMs < COMMUNITY_FRESH_MS) return last.community;
    if (known.size >= MOST_UNKNOWN) known.clear();
    const community = read();
    known.set(key, { atMs: now, community });
    try {
      return await community;
    } catch (error) {
      known.delete(key);
      throw error;
    }
  }
}
