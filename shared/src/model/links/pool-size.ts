import type { BotRate } from '../communities/bot-rate.ts';
import { POOL_SHARDS } from './pool-link.ts';

/** How many of the pool's links a shard is to have. */
export function shareOfShard(poolSize: number, shard: number): number {
  return Math.floor(poolSize / POOL_SHARDS) + (shard < poolSize % POOL_SHARDS ? 1 : 0);
}

/** Of the links that a bot can make, this share at most goes into pools for good: the others are for purchases. */
const SHARE_FOR_POOLS = 0.5;

/**
 * What the bots of a community make together: each as fast as Telegram has allowed it so far, and one of which nothing
 * was learned as fast as it begins. `rates`: of each of them, for links.
 */
export function linksPerSecondOf(rates: readonly (BotRate | undefined)[], startPerSecond: number): number {
  return rates.reduce((sum, rate) => sum + (rate?.learned?.['perSecond'] ?? startPerSecond), 0);
}

/**
 * The largest pool that can be kept full: each of its links is made anew when it gets old, even while nobody buys.
 * `linksPerSecond`: see linksPerSecondOf.
 */
export function largestPool(linksPerSecond: number, maxAgeMs: number): number {
  return Math.floor((linksPerSecond * SHARE_FOR_POOLS * maxAgeMs) / 1_000);
}

/** The size that would have had a link ready for each purchase of a burst, with a fifth to spare, rounded up to tens. */
export function sizeForBurst(links: number): number {
  return Math.ceil((links * 1.2) / 10) * 10;
}
