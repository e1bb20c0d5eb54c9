import { botRateId, botRates, type BotRate } from '@paid-community/shared/model/communities/bot-rate.ts';
import { linkPools, type LinkPool } from '@paid-community/shared/model/links/link-pool.ts';
import { largestPool, linksPerSecondOf, sizeForBurst } from '@paid-community/shared/model/links/pool-size.ts';
import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { eachOf } from '../health/each-of.ts';
import type { WantedPool, WantedPools } from './wanted-pools.ts';

/** A pool that was empty so lately is a reason to look. */
const LATELY_MS = 3_600_000;
const MOST_NAMED = 100;

interface Deps {
  readonly wantedPools: WantedPools;
  /** That a bot makes, while nothing was learned of it. */
  readonly startPerSecond: number;
  readonly store: DocumentStore;
  readonly clock: Clock;
}

/** Whether the pools are as large as the sales need, and no larger than can be kept full. Two reads where there is none, and one for each bot that fills one. */
export async function examinePools({ wantedPools, startPerSecond, store, clock }: Deps): Promise<readonly Finding[]> {
  const wanted = await wantedPools.all();
  const pages = await Promise.all(
    (['open', 'closed'] as const).map((state) =>
      store.query({
        collection: linkPools,
        where: { state },
        orderBy: { field: 'communityId', direction: 'ascending' },
        limit: MOST_NAMED,
      }),
    ),
  );
  const pools = pages.flatMap(({ documents }) => documents.map(({ data }) => data));
  const fillers = new Set(pools.flatMap(({ communityId }) => wanted.get(communityId)?.botIds ?? []));
  const rateOf = async (botId: string): Promise<readonly [string, BotRate | undefined]> => [
    botId,
    (await store.get(botRates, botRateId(botId, 'link')))?.data,
  ];
  const rates = new Map(await eachOf([...fillers], rateOf));
  return pools.flatMap((pool) => {
    const wantedPool = wanted.get(pool.communityId);
    const ofItsBots = (wantedPool?.botIds ?? []).map((botId) => rates.get(botId));
    return poolFinding(pool, wantedPool, linksPerSecondOf(ofItsBots, startPerSecond), clock.now());
  });
}

function poolFinding(
  { communityId, emptyAt, burst }: LinkPool,
  wanted: WantedPool | undefined,
  linksPerSecond: number,
  nowMs: number,
): readonly Finding[] {
  const check = `link_pool_${communityId}`;
  const size = wanted?.size ?? 0;
  const needed = burst === undefined ? 0 : sizeForBurst(burst.links);
  const sold =
    burst === undefined
      ? ''
      : `. At the largest burst, on ${burst.at.slice(0, 10)}, ${burst.links} more purchases came than Telegram makes links for meanwhile`;
  const advice = needed > size ? `Set poolSize of "${communityId}" to ${needed}` : undefined;
  if (wanted === undefined)
    return burst === undefined
      ? []
      : [finding(check, 'ok', `The community "${communityId}" has no links ready${sold}`, advice)];
  const most = largestPool(linksPerSecond, wanted.times.maxAgeMs);
  if (size > most)
    return [
      finding(
        check,
        'warning',
        `The pool of "${communityId}" is to have ${size} links, and its bots can keep ${most} at most`,
        `Set poolSize of "${communityId}" to ${most} or less, or give it more bots`,
      ),
    ];
  if (emptyAt !== undefined && nowMs - Date.parse(emptyAt) < LATELY_MS)
    return [
      finding(
        check,
        'warning',
        `The pool of "${communityId}" (${size} links) was empty at ${emptyAt} while purchases came${sold}`,
        advice ?? 'Nothing: it is filled again when no purchase waits',
      ),
    ];
  return [finding(check, 'ok', `The pool of "${communityId}" has ${size} links when it is full${sold}`, advice)];
}

function finding(check: string, state: Finding['state'], meaning: string, advice: string | undefined): Finding {
  return advice === undefined ? { check, state, meaning } : { check, state, meaning, advice };
}
