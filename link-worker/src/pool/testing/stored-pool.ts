import { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { communities, type ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import { environmentCommunity } from '@paid-community/shared/model/communities/default-community.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { farEnd, madeAvailable } from '@paid-community/shared/model/links/pool-life.ts';
import { POOL_SHARDS, poolLinkId, poolLinks, type PoolLink } from '@paid-community/shared/model/links/pool-link.ts';
import type { InviteRequest } from '@paid-community/shared/model/links/request-states.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import {
  createDocument,
  updateDocument,
  type DocumentStore,
} from '@paid-community/shared/platform/ports/document-store.ts';
import { silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { PoolCandidates } from '../pool-candidates.ts';
import type { TakeLinkDeps } from '../take-link.ts';
import { WantedPools } from '../wanted-pools.ts';

export const DAY_MS = 86_400_000;
export const TTL_MS = 3_600_000;
export const TIMES = { maxAgeMs: 30 * DAY_MS, linkTtlMs: TTL_MS };

interface Deps {
  readonly store: DocumentStore;
  readonly clock: Clock;
}

/** The pool of one community, as a test puts it there. */
export class StoredPool {
  readonly communityId: string;
  readonly #deps: Deps;
  #made = 0;

  constructor(communityId: string, deps: Deps) {
    this.communityId = communityId;
    this.#deps = deps;
  }

  /** An operator has set it. */
  async wants(poolSize: number, change: Partial<ConnectedCommunity> = {}): Promise<void> {
    const { store, clock } = this.#deps;
    const settings = environmentCommunity({ chatId: '-1001', botId: '7' });
    const updatedAt = new Date(clock.now()).toISOString();
    const community = { ...settings, communityId: this.communityId, poolSize, updatedAt, ...change };
    const read = await store.get(communities, this.communityId);
    await store.commit([
      read === undefined
        ? createDocument(communities, this.communityId, community)
        : updateDocument(communities, read, community),
    ]);
  }

  /** So many further links are available. */
  async has(count: number, linkTtlMs: number | undefined = TTL_MS): Promise<void> {
    const { store, clock } = this.#deps;
    const nowMs = clock.now();
    const telegramExpiresAt = farEnd({ ...TIMES, linkTtlMs }, nowMs)?.toISOString();
    const writes = Array.from({ length: count }, () => {
      const shard = this.#made % POOL_SHARDS;
      const sequence = Math.floor(this.#made / POOL_SHARDS) + 1;
      this.#made += 1;
      const link = madeAvailable({
        communityId: this.communityId,
        shard,
        sequence,
        inviteLink: `https://t.me/+${this.communityId}-${shard}-${sequence}`,
        botId: '7',
        telegramChatId: '-1001',
        madeAt: new Date(nowMs).toISOString(),
        telegramExpiresAt,
      });
      return createDocument(poolLinks, poolLinkId({ poolId: this.communityId, shard, sequence }), link);
    });
    await store.commit(writes);
  }

  async links(): Promise<readonly PoolLink[]> {
    const states = ['AVAILABLE', 'TAKEN', 'RETIRING'] as const;
    const pages = await Promise.all(
      states.map((state) =>
        this.#deps.store.query({
          collection: poolLinks,
          where: { communityId: this.communityId, state },
          orderBy: { field: 'inviteLink', direction: 'ascending' },
          limit: 1_000,
        }),
      ),
    );
    return pages.flatMap(({ documents }) => documents.map(({ data }) => data));
  }

  async counts(): Promise<Readonly<Record<PoolLink['state'], number>>> {
    const links = await this.links();
    const count = (wanted: PoolLink['state']): number => links.filter(({ state }) => state === wanted).length;
    return { AVAILABLE: count('AVAILABLE'), TAKEN: count('TAKEN'), RETIRING: count('RETIRING') };
  }

  async request(requestId: string): Promise<InviteRequest | undefined> {
    const read = await this.#deps.store.get(inviteRequests, requestId);
    return read === undefined ? undefined : inviteRequestOf(read.data);
  }
}

/** What a process of its own knows of pools. */
export function poolProcess({ store, clock }: Deps): TakeLinkDeps {
  const deps = { store, clock, log: silentLog };
  const known = new KnownCommunities({ store, clock }, environmentCommunity({ chatId: '-1001', botId: '7' }));
  const wantedPools = new WantedPools(known, { maxAgeMs: TIMES.maxAgeMs, linkTtlMsOf: () => TTL_MS });
  return { ...deps, wantedPools, candidates: new PoolCandidates(deps) };
}
