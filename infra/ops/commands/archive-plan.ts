import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { describePlan, type Plan } from './plan-answer.ts';

export const archivePlan = defineCommand({
  name: 'plans archive',
  summary:
    'A plan is offered no more. Whoever has it keeps it, and a purchase of it that comes all the same counts. There is no way back.',
  parameters: [{ name: 'planId', description: 'as plans list shows it' }],
  options: {},
  run: async ({ parameters: [planId = ''] }, { api, output, confirm }) => {
    await confirm(`The plan ${planId} will be offered no more.`);
    const { plan } = await api.post<{ readonly plan: Plan }>(`/plans/${encodeURIComponent(planId)}/archive`);
    output.result({ plan }, () => describePlan(plan));
    return exitCodes.done;
  },
});
