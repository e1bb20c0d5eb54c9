import { botRateId, botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { CommunitySettings } from '@paid-community/shared/model/communities/community.ts';
import { largestPool, linksPerSecondOf } from '@paid-community/shared/model/links/pool-size.ts';
import { healthReports } from '@paid-community/shared/model/operations/health-report.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { linkWorker } from '@paid-community/shared/topology.ts';
import { invalidArguments } from '../http/invalid-arguments.ts';

/** As link-worker has it until it says otherwise. */
const POOL_MAX_AGE_HOURS = 720;
const LINKS_PER_SECOND_AT_START = 5;

/** @throws HttpError invalid_request for a pool that would be old before it is full, or that nobody could use */
export async function requireFillablePool(
  { botIds, poolSize, entry }: Pick<CommunitySettings, 'botIds' | 'poolSize' | 'entry'>,
  store: DocumentStore,
): Promise<void> {
  if (poolSize === 0) return;
  if (entry === 'request')
    throw invalidArguments({
      path: '/poolSize',
      message: 'must be 0 where people come in by approval (entry "request"): no links are made ahead for it',
    });
  const [report, ...rates] = await Promise.all([
    store.get(healthReports, linkWorker),
    ...botIds.map((botId) => store.get(botRates, botRateId(botId, 'link'))),
  ]);
  const { poolMaxAgeHours = POOL_MAX_AGE_HOURS, linksPerSecondAtStart = LINKS_PER_SECOND_AT_START } =
    report?.data.facts ?? {};
  const maxAgeHours = Number(poolMaxAgeHours);
  // Of `default`, none means one that link-worker has not told yet.
  const learned = rates.length === 0 ? [undefined] : rates.map((rate) => rate?.data);
  const perSecond = linksPerSecondOf(learned, Number(linksPerSecondAtStart));
  const most = largestPool(perSecond, maxAgeHours * 3_600_000);
  if (poolSize <= most) return;
  const message = `must be at most ${most}: its bots make ${perSecond.toFixed(2)} links a second, half of them for pools, and a link waits ${maxAgeHours} hours in a pool (LINK_POOL_MAX_AGE_HOURS)`;
  throw invalidArguments({ path: '/poolSize', message });
}
