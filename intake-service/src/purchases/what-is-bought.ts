import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import type { KnownPlans } from '@paid-community/shared/plans/known-plans.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Purchase } from './accept-purchase.ts';
import { requireOpenCommunity, type OpenCommunities } from './open-community.ts';

export interface BoughtDeps {
  readonly communities: OpenCommunities;
  readonly plans: Pick<KnownPlans, 'get'>;
  readonly log: Logger;
}

type Bought = Pick<Purchase, 'communityIds' | 'planId' | 'planName' | 'period'>;

/**
 * What a purchase opens, and for how long. All of its communities take purchases: otherwise nothing of it is accepted.
 * A plan that is archived counts all the same, for somebody has paid.
 * @throws HttpError invalid_request with the field that is wrong; RetryableError when the store has never answered
 */
export async function whatIsBought(
  { communityId, planId }: { readonly communityId?: string | undefined; readonly planId?: string | undefined },
  { communities, plans, log }: BoughtDeps,
): Promise<Bought> {
  if (planId === undefined) {
    const opened = communityId ?? DEFAULT_COMMUNITY;
    await requireOpenCommunity(opened, communities);
    return { communityIds: [opened] };
  }
  const plan = await plans.get(planId);
  if (plan === undefined) throw refusal('/planId', 'must be the id of a plan; `npm run ops -- plans list` shows them');
  const { communityIds, name: planName, period } = plan;
  if (communityId !== undefined && !communityIds.includes(communityId))
    throw refusal('/communityId', `must be a community of the plan, which opens ${communityIds.join(', ')}`);
  for (const each of communityIds) await requireOpenCommunity(each, communities, 'by its plan');
  if (plan.state === 'archived') log.warn({ planId }, 'somebody has bought a plan that is archived: it counts');
  return { communityIds, planId, planName, period };
}

function refusal(path: string, message: string): HttpError {
  return new HttpError('invalid_request', 'The purchase is not valid', [{ path, message }]);
}
