import { COMMUNITY_ID_PATTERN } from '@paid-community/shared/model/communities/community.ts';
import { DURATION_PATTERN } from '@paid-community/shared/model/communities/durations.ts';
import { AMOUNT_PATTERN, LIFETIME, PLAN_ID_PATTERN } from '@paid-community/shared/model/plans/plan.ts';
import { Type } from 'typebox';

export const planField = {
  planId: Type.String({ pattern: PLAN_ID_PATTERN, description: 'the id of a plan: 1 to 60 of A-Z, a-z, 0-9, _ and -' }),
};

/** What a plan gives and costs. */
export const planTerms = {
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    format: 'unicode',
    pattern: '\\S',
    description: 'more than blanks; buyers and WebEngage know the plan by it',
  }),
  communityIds: Type.Unsafe<[string, ...string[]]>(
    Type.Array(
      Type.String({
        pattern: COMMUNITY_ID_PATTERN,
        description: 'the id of a community: 1 to 40 of a-z, 0-9 and -',
      }),
      { minItems: 1, maxItems: 20, uniqueItems: true, description: 'one purchase opens all of them' },
    ),
  ),
  period: Type.String({
    pattern: `${DURATION_PATTERN}|^${LIFETIME}$`,
    description: `an ISO 8601 duration such as P1M or P30D, at most 100 years, or ${LIFETIME}`,
  }),
  prices: Type.Optional(
    Type.Array(
      Type.Object(
        {
          amount: Type.String({
            pattern: AMOUNT_PATTERN,
            description: 'a decimal text such as 499.00',
          }),
          currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'the code of a currency such as INR' }),
        },
        { additionalProperties: false },
      ),
      { maxItems: 20, description: 'at most one of each currency' },
    ),
  ),
  stripePriceIds: Type.Optional(
    Type.Array(
      Type.String({
        pattern: '^price_\\w{1,100}$',
        description: 'the id of a price of Stripe, which begins with price_',
      }),
      { maxItems: 50, uniqueItems: true, description: 'what Stripe sells is this plan' },
    ),
  ),
};

const Time = Type.String({ format: 'date-time' });

export const PlanAnswer = Type.Object({
  ...planField,
  ...planTerms,
  state: Type.Enum(['active', 'archived'], {
    description: 'archived = it is offered no more; a purchase of it that comes all the same counts',
  }),
  createdAt: Time,
  updatedAt: Time,
});
