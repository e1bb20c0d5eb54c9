import { botRateId, botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { CommunitySettings } from '@paid-community/shared/model/communities/community.ts';
import { largestPool } from '@paid-community/shared/model/links/pool-size.ts';
import { healthReports } from '@paid-community/shared/model/operations/health-report.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { linkWorker } from '@paid-community/shared/topology.ts';

/** As link-worker has it until it says otherwise. */
const POOL_MAX_AGE_HOURS = 720;
/** While nothing was learned of a bot: more than any bot was seen to make. */
const LINKS_PER_SECOND = inviteQueue.maxDispatchesPerSecond;

/** @throws HttpError invalid_request for a pool that would be old before it is full */
export async function requireFillablePool(
  { botIds, poolSize }: Pick<CommunitySettings, 'botIds' | 'poolSize'>,
  store: DocumentStore,
): Promise<void> {
  if (poolSize === 0) return;
  const [report, ...rates] = await Promise.all([
    store.get(healthReports, linkWorker),
    // In the document of `default`, none means one.
    ...(botIds.length === 0 ? [''] : botIds).map((botId) => rateOf(botId, store)),
  ]);
  const perSecond = rates.reduce((sum, rate) => sum + rate, 0);
  const maxAgeHours = Number(report?.data.facts['poolMaxAgeHours'] ?? POOL_MAX_AGE_HOURS);
  const most = largestPool(perSecond, maxAgeHours * 3_600_000);
  if (poolSize <= most) return;
  const message = `must be at most ${most}: its bots make ${perSecond.toFixed(2)} links a second, half of them for pools, and a link waits ${maxAgeHours} hours in a pool (LINK_POOL_MAX_AGE_HOURS)`;
  throw new HttpError('invalid_request', 'The arguments are not valid', [{ path: '/poolSize', message }]);
}

async function rateOf(botId: string, store: DocumentStore): Promise<number> {
  const rate = botId === '' ? undefined : await store.get(botRates, botRateId(botId, 'link'));
  return rate?.data.learned?.['perSecond'] ?? LINKS_PER_SECOND;
}
