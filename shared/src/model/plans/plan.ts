import type { Collection } from '../../platform/ports/topology-types.ts';

/** As `period`: access without an end. */
export const LIFETIME = 'lifetime';

/** What a caller may choose as the id of a plan. */
export const PLAN_ID_PATTERN = '^[A-Za-z0-9_-]{1,60}$';

/** The decimal text of an amount. */
export const AMOUNT_PATTERN = '^(0|[1-9]\\d{0,11})(\\.\\d{1,3})?$';

export interface Money {
  /** Decimal text in the major unit: "499.00". */
  readonly amount: string;
  /** ISO 4217. */
  readonly currency: string;
}

/**
 * What is sold: access to some communities, for a period from the purchase on. What it gives and costs never changes,
 * so that nobody gets another thing than was bought: it is archived, and another one is made.
 */
export interface Plan {
  readonly planId: string;
  readonly name: string;
  /** One purchase opens all of them. */
  readonly communityIds: readonly [string, ...string[]];
  /** An ISO 8601 duration, or LIFETIME. */
  readonly period: string;
  readonly prices?: readonly Money[] | undefined;
  readonly stripePriceIds?: readonly string[] | undefined;
  /** archived: it is offered no more. What was bought stays, and a purchase that comes all the same counts. */
  readonly state: 'active' | 'archived';
  readonly createdAt: string;
  /** Readers ask for what has changed since. */
  readonly updatedAt: string;
}

/** Id: the planId. */
export const plans: Collection<Plan> = {
  name: 'plans',
  owner: 'intake-service',
  operatorWrites: false,
  keyedBy: 'planId',
  personalFields: {},
  onErasure: { keep: 'is about what is sold' },
  indexes: [
    { where: [], orderBy: 'planId' },
    { where: [], orderBy: 'updatedAt' },
  ],
};
