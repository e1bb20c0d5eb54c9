import type { Collection } from '../../platform/ports/topology-types.ts';

/** The pool of a community: which link is the next one. Its links are in link_pool. */
export interface LinkPool {
  readonly communityId: string;
  /** Random: the ids of its links are made of it. */
  readonly poolId: string;
  /** closed = it has no links, and is to have none. */
  readonly state: 'open' | 'closed';
  readonly openedAt: string;
  /** When a purchase last found no link here, and had to wait for one. */
  readonly emptyAt?: string | undefined;
  /** The largest burst of purchases of late: so many more than Telegram makes links for meanwhile. */
  readonly burst?: Burst | undefined;
}

interface Burst {
  readonly links: number;
  readonly at: string;
}

/** After so long, a burst says nothing any more. */
const BURST_COUNTS_MS = 90 * 24 * 3_600_000;

/** A pool that was closed begins anew: tasks of before say nothing any more. */
export function opened(
  known: LinkPool | undefined,
  pool: Pick<LinkPool, 'communityId' | 'poolId' | 'openedAt'>,
): LinkPool {
  return { ...known, ...pool, state: 'open' };
}

export function closed(pool: LinkPool): LinkPool {
  return { ...pool, state: 'closed' };
}

export function foundEmpty(pool: LinkPool, at: string): LinkPool {
  return { ...pool, emptyAt: at };
}

/** What is known of the sales of a community that has no pool. */
export function withDemand(communityId: string, poolId: string, at: string): LinkPool {
  return { communityId, poolId, state: 'closed', openedAt: at };
}

/** So many purchases came faster than links are made. The very pool when a larger burst is known. */
export function soldFaster(pool: LinkPool, links: number, at: string): LinkPool {
  const { burst } = pool;
  const isKnown =
    burst !== undefined && burst.links >= links && Date.parse(at) - Date.parse(burst.at) < BURST_COUNTS_MS;
  return isKnown ? pool : { ...pool, burst: { links, at } };
}

/** Id: the communityId. */
export const linkPools: Collection<LinkPool> = {
  name: 'link_pools',
  owner: 'link-worker',
  operatorWrites: false,
  keyedBy: 'communityId',
  personalFields: {},
  onErasure: { keep: 'is about the community' },
  indexes: [{ where: ['state'], orderBy: 'communityId' }],
  // Its next links would have the ids of links that were made since the backup.
  notFromBackup: 'all',
};
