import { formatFields } from '../table.ts';

/** As the OpenAPI file has it. */
export interface Plan {
  readonly planId: string;
  readonly name: string;
  readonly communityIds: readonly string[];
  readonly period: string;
  readonly prices?: readonly { readonly amount: string; readonly currency: string }[];
  readonly stripePriceIds?: readonly string[];
  readonly state: string;
  readonly createdAt: string;
}

export function describePlan(plan: Plan): string {
  const { planId, name, state, communityIds, period, stripePriceIds, createdAt } = plan;
  return formatFields({
    plan: planId,
    name,
    state,
    communities: communityIds.join(', '),
    period,
    prices: describePrices(plan),
    'prices of Stripe': stripePriceIds?.join(', '),
    created: createdAt,
  });
}

export function describePrices({ prices }: Plan): string | undefined {
  return prices?.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');
}
