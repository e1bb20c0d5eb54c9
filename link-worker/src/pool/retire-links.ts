import { canBeGiven, retired, type PoolTimes } from '@paid-community/shared/model/links/pool-life.ts';
import { poolLinks, type PoolLink, type RetiredBecause } from '@paid-community/shared/model/links/pool-link.ts';
import { ConflictError } from '@paid-community/shared/platform/ports/errors.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { countAvailable } from './stored-links.ts';

const PAGE = 100;
/** In the last quarter of its age a link is replaced, a few every ten minutes: so a pool never gets old all at once. */
const REPLACED_FROM = 0.75;
const TICK_MS = 60_000;
const REPLACED_EVERY_MS = 10 * TICK_MS;

interface ShardOfPool {
  readonly communityId: string;
  readonly shard: number;
  /** How many links it is to have. */
  readonly share: number;
  /** Undefined: it is to have none. */
  readonly times: PoolTimes | undefined;
}

interface Deps {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Where a pool is full, its age is looked at in one minute of ten only. */
export function isTimeToReplace(nowMs: number): boolean {
  return nowMs % REPLACED_EVERY_MS < TICK_MS;
}

/**
 * Retires what a shard has too much, and what is too old; the oldest go first. Returns how many it has left. A link that
 * is taken in the same moment is its purchase's.
 */
export async function retireLinks({ communityId, shard, share, times }: ShardOfPool, deps: Deps): Promise<number> {
  const { store, clock, log } = deps;
  const available = await countAvailable({ communityId, shard }, store);
  let surplus = Math.max(0, available - share);
  let replaced =
    times === undefined || !isTimeToReplace(clock.now())
      ? 0
      : Math.ceil((share * REPLACED_EVERY_MS) / ((1 - REPLACED_FROM) * times.maxAgeMs));
  let gone = 0;
  for (let isMore = true; isMore;) {
    const { documents } = await store.query({
      collection: poolLinks,
      where: { communityId, state: 'AVAILABLE', shard },
      orderBy: { field: 'madeAt', direction: 'ascending' },
      limit: Math.min(PAGE, surplus + replaced + 1),
    });
    const due: [Snapshot<PoolLink>, RetiredBecause][] = [];
    for (const read of documents) {
      if (surplus > 0) {
        surplus -= 1;
        due.push([read, 'surplus']);
      } else if (times !== undefined && isUseless(read.data, times, clock.now())) due.push([read, 'aged']);
      else if (times !== undefined && replaced > 0 && isOld(read.data, times, clock.now())) {
        replaced -= 1;
        due.push([read, 'aged']);
      }
    }
    const outcomes = await Promise.all(due.map(([read, because]) => retire(read, because, deps)));
    const retiredNow = outcomes.filter((isRetired) => isRetired).length;
    gone += retiredNow;
    isMore = retiredNow > 0 && due.length === documents.length;
  }
  if (gone > 0) log.info({ communityId, shard, retired: gone }, 'links of the pool are retired');
  return available - gone;
}

/** False when it was taken, or retired, since it was read. */
async function retire(read: Snapshot<PoolLink>, because: RetiredBecause, { store, clock }: Deps): Promise<boolean> {
  const link = read.data;
  if (link.state !== 'AVAILABLE') return false;
  try {
    await changeDocument(store, poolLinks, read, () => retired(link, because, clock.now()), { attempts: 1 });
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}

function isOld({ madeAt }: PoolLink, { maxAgeMs }: PoolTimes, nowMs: number): boolean {
  return nowMs - Date.parse(madeAt) >= REPLACED_FROM * maxAgeMs;
}

/** No purchase can have it any more. */
function isUseless(link: PoolLink, times: PoolTimes, nowMs: number): boolean {
  return link.state === 'AVAILABLE' && !canBeGiven(link, times, nowMs);
}
