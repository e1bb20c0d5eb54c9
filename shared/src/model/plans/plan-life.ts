import { durationMs } from '../communities/durations.ts';
import { LIFETIME, type Plan } from './plan.ts';

// The life of a plan, by pure functions: active → archived. `at` is the time of the change, see changeTime.

/** What a plan gives and costs. */
export type PlanTerms = Pick<Plan, 'planId' | 'name' | 'communityIds' | 'period' | 'prices' | 'stripePriceIds'>;

/** Nobody sells longer ones, and every calendar has their end. */
export const LONGEST_PERIOD = 'P100Y';

export function newPlan(terms: PlanTerms, at: string): Plan {
  return { ...termsOf(terms), state: 'active', createdAt: at, updatedAt: at };
}

/** It is offered no more. */
export function archived(plan: Plan, at: string): Plan {
  return { ...plan, state: 'archived', updatedAt: at };
}

export function hasTerms(plan: Plan, terms: PlanTerms): boolean {
  return JSON.stringify(termsOf(plan)) === JSON.stringify(termsOf(terms));
}

/** Whether somebody can buy it: longer than nothing, and at most LONGEST_PERIOD. */
export function isSellable(period: string, nowMs: number): boolean {
  if (period === LIFETIME) return true;
  const lengthMs = durationMs(period, nowMs);
  return lengthMs > 0 && lengthMs <= durationMs(LONGEST_PERIOD, nowMs);
}

function termsOf({ planId, name, communityIds, period, prices, stripePriceIds }: PlanTerms): PlanTerms {
  const inOrder = prices?.map(({ amount, currency }) => ({ amount, currency }));
  return { planId, name, communityIds, period, prices: inOrder, stripePriceIds };
}
