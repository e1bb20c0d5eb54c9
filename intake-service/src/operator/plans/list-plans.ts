import { plans } from '@paid-community/shared/model/plans/plan.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { pageFields } from '../http/page-fields.ts';
import { PlanAnswer } from './plan-answer.ts';

export const listPlans = defineOperation({
  action: 'plans.list',
  method: 'GET',
  path: '/plans',
  summary: 'The plans by their ids, archived ones too, a page at a time.',
  input: Type.Object(pageFields, { additionalProperties: false }),
  answer: Type.Object({ plans: Type.Array(PlanAnswer), nextCursor: Type.Optional(Type.String()) }),
  logged: (_, answer) => ({ found: answer?.plans.length }),
  run: async ({ limit = 50, cursor }, { store }) => {
    const { documents, nextCursor } = await store.query({
      collection: plans,
      where: {},
      orderBy: { field: 'planId', direction: 'ascending' },
      limit,
      cursor,
    });
    return { plans: documents.map(({ data }) => data), nextCursor };
  },
});
