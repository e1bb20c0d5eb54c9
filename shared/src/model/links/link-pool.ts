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
}

/** A pool that was closed begins anew: tasks of before say nothing any more. */
export function opened(pool: Pick<LinkPool, 'communityId' | 'poolId' | 'openedAt'>): LinkPool {
  return { ...pool, state: 'open' };
}

export function closed(pool: LinkPool): LinkPool {
  return { ...pool, state: 'closed' };
}

export function foundEmpty(pool: LinkPool, at: string): LinkPool {
  return { ...pool, emptyAt: at };
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
};
