import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { archiveKeptPlan } from '../../plans/keep-plans.ts';
import { defineOperation } from '../http/operation.ts';
import { PlanAnswer, planField } from './plan-answer.ts';

export const archivePlan = defineOperation({
  action: 'plans.archive',
  method: 'POST',
  path: '/plans/:planId/archive',
  refusals: ['not_found'],
  summary:
    'A plan is offered no more. Whoever has it keeps it, and a purchase of it that comes all the same counts. The same call again changes nothing.',
  input: Type.Object(planField, { additionalProperties: false }),
  answer: Type.Object({ plan: PlanAnswer }),
  logged: ({ planId }) => ({ planId }),
  run: async ({ planId }, call) => {
    const plan = await archiveKeptPlan(planId, call);
    if (plan === undefined)
      throw new HttpError('not_found', 'There is no such plan; `plans list` shows those that there are');
    return { plan };
  },
});
