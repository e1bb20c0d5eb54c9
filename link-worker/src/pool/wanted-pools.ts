import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import type { Community } from '@paid-community/shared/model/communities/community.ts';
import type { PoolTimes } from '@paid-community/shared/model/links/pool-life.ts';

/** The pool that a community is to have. */
export interface WantedPool {
  /** At least 1. */
  readonly size: number;
  readonly times: PoolTimes;
  /** Those that fill it. */
  readonly botIds: readonly string[];
}

export interface PoolSettings {
  readonly maxAgeMs: number;
  /** Undefined: links of the community have no end. */
  readonly linkTtlMsOf: (community: Community) => number | undefined;
}

/** What the settings of the communities ask for, now. */
export class WantedPools {
  readonly #communities: KnownCommunities;
  readonly #settings: PoolSettings;

  constructor(communities: KnownCommunities, settings: PoolSettings) {
    this.#communities = communities;
    this.#settings = settings;
  }

  /** Undefined: no links are made ahead for it. It costs no read. @throws as KnownCommunities.get */
  async of(communityId: string): Promise<WantedPool | undefined> {
    const community = await this.#communities.get(communityId);
    return community === undefined ? undefined : this.#wantedBy(community);
  }

  /** By the communityId. @throws as KnownCommunities.all */
  async all(): Promise<ReadonlyMap<string, WantedPool>> {
    const wanted = new Map<string, WantedPool>();
    for (const community of await this.#communities.all()) {
      const pool = this.#wantedBy(community);
      if (pool !== undefined) wanted.set(community.communityId, pool);
    }
    return wanted;
  }

  #wantedBy(community: Community): WantedPool | undefined {
    // A link that asks for approval is no scarcer than another: it is made when somebody buys.
    if (community.state !== 'connected' || community.poolSize < 1 || community.entry === 'request') return undefined;
    const { maxAgeMs, linkTtlMsOf } = this.#settings;
    const { poolSize: size, botIds } = community;
    return { size, times: { maxAgeMs, linkTtlMs: linkTtlMsOf(community) }, botIds };
  }
}
