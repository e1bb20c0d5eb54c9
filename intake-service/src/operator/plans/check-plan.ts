import { communities, DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { isSellable, type PlanTerms } from '@paid-community/shared/model/plans/plan-life.ts';
import { plans, type Money, type Plan } from '@paid-community/shared/model/plans/plan.ts';
import type { Issue } from '@paid-community/shared/platform/validation/validator.ts';
import { RecentDocuments } from '@paid-community/shared/recent/recent-documents.ts';
import type { OperatorCall } from '../http/operation.ts';
import { invalidArguments } from '../http/invalid-arguments.ts';

/** @throws HttpError invalid_request with all that the schema cannot say */
export async function checkPlan(terms: PlanTerms, call: OperatorCall): Promise<void> {
  const { communityIds, period, prices = [] } = terms;
  const ofCommunities = await Promise.all(
    communityIds.map(async (communityId, index) => issue(`/communityIds/${index}`, await faultOf(communityId, call))),
  );
  const issues = [
    ...ofCommunities.flat(),
    ...issue(
      '/period',
      isSellable(period, call.clock.now()) ? undefined : 'must be longer than nothing, and at most 100 years',
    ),
    ...prices.flatMap((price, index) => issue(`/prices/${index}`, faultOfPrice(price, prices.slice(0, index)))),
    ...(await issuesOfStripe(terms, call)),
  ];
  if (issues.length > 0) throw invalidArguments(...issues);
}

function issue(path: string, message: string | undefined): readonly Issue[] {
  return message === undefined ? [] : [{ path, message }];
}

/** One that waits for its chat may be in a plan: it is refused when somebody buys. */
async function faultOf(communityId: string, { store }: OperatorCall): Promise<string | undefined> {
  const known = (await store.get(communities, communityId))?.data;
  if (known === undefined && communityId !== DEFAULT_COMMUNITY)
    return 'must be the id of a community; `communities list` shows those that there are';
  return known?.state === 'disconnected'
    ? 'must be a community that takes purchases; this one was disconnected'
    : undefined;
}

function faultOfPrice({ amount, currency }: Money, before: readonly Money[]): string | undefined {
  if (!Intl.supportedValuesOf('currency').includes(currency)) return 'must be in a currency of ISO 4217 such as INR';
  if (before.some((other) => other.currency === currency)) return 'must be the only price in its currency';
  const { maximumFractionDigits: most = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  const digits = amount.split('.')[1]?.length ?? 0;
  return digits > most
    ? `must have at most ${most} digits after the point: ${currency} has no smaller coin`
    : undefined;
}

/** A price of Stripe says which plan was sold: it cannot be two of them. That of an archived plan may move on. */
async function issuesOfStripe(
  { planId, stripePriceIds = [] }: PlanTerms,
  call: OperatorCall,
): Promise<readonly Issue[]> {
  if (stripePriceIds.length === 0) return [];
  const others = [...(await new RecentDocuments<Plan>(plans, call).read()).values()].filter(
    (plan) => plan.planId !== planId && plan.state === 'active',
  );
  return stripePriceIds.flatMap((priceId, index) => {
    const other = others.find((plan) => plan.stripePriceIds?.includes(priceId));
    return issue(
      `/stripePriceIds/${index}`,
      other && `must be of this plan alone; it is of the plan "${other.planId}"`,
    );
  });
}
