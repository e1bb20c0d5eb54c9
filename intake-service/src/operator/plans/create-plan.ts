import { hasTerms } from '@paid-community/shared/model/plans/plan-life.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { keepPlan } from '../../plans/keep-plans.ts';
import { defineOperation } from '../http/operation.ts';
import { checkPlan } from './check-plan.ts';
import { PlanAnswer, planField, planTerms } from './plan-answer.ts';

export const createPlan = defineOperation({
  action: 'plans.create',
  method: 'POST',
  path: '/plans',
  refusals: ['conflict'],
  summary:
    'Makes a plan: what one purchase of it opens, and for how long. What a plan gives and costs never changes; archive it, and make another. The same call again changes nothing.',
  input: Type.Object({ ...planField, ...planTerms }, { additionalProperties: false }),
  answer: Type.Object({ plan: PlanAnswer }),
  logged: ({ planId }, answer) => ({ planId, state: answer?.plan.state }),
  run: async (terms, call) => {
    await checkPlan(terms, call);
    const plan = await keepPlan(terms, call);
    if (hasTerms(plan, terms)) return { plan };
    throw new HttpError(
      'conflict',
      'There is a plan of this id that gives or costs something else; choose another id, and archive the old plan',
    );
  },
});
