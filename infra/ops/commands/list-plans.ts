import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import { linesOfNextPage, pageOf, pageOptions } from './page-options.ts';
import { describePrices, type Plan } from './plan-answer.ts';

interface Answer {
  readonly plans: readonly Plan[];
  readonly nextCursor?: string;
}

export const listPlans = defineCommand({
  name: 'plans list',
  summary: 'The plans: what one purchase opens, for how long, and what it costs.',
  parameters: [],
  options: pageOptions,
  run: async ({ values }, { api, output }) => {
    const { plans, nextCursor } = await api.get<Answer>('/plans', pageOf(values));
    output.result({ plans, nextCursor }, () => describe(plans, nextCursor));
    return exitCodes.done;
  },
});

function describe(plans: Answer['plans'], nextCursor: string | undefined): string {
  if (plans.length === 0) return 'There is no plan; plans create makes one.';
  const rows = plans.map((plan) => [
    plan.planId,
    plan.name,
    plan.state,
    plan.period,
    plan.communityIds.join(', '),
    describePrices(plan),
  ]);
  return [
    formatTable(['plan', 'name', 'state', 'period', 'communities', 'prices'], rows),
    ...linesOfNextPage(nextCursor),
  ].join('\n');
}
