import { Type } from 'typebox';
import { diagnose } from './diagnose.ts';
import { diagnosisFields } from './diagnosis.ts';
import { defineOperation } from '../http/operation.ts';
import { statesOf } from './show-health.ts';

export const fixHealth = defineOperation({
  action: 'health.fix',
  method: 'POST',
  path: '/health/fix',
  summary:
    'Sets the webhook (its URL, its secret and the kinds of updates), then looks at everything as GET /health does.',
  input: Type.Object({}, { additionalProperties: false }),
  answer: Type.Object({ ...diagnosisFields, fixed: Type.String({ description: 'what was done, in one sentence' }) }),
  logged: (_input, answer) => ({ fixed: answer?.fixed, ...statesOf(answer?.lines) }),
  run: async (_input, call) => {
    const {
      healthy,
      checkId,
      checkedAt,
      lines,
      fixed = '',
    } = await diagnose({ fix: true, traceparent: call.traceparent }, call);
    return { healthy, checkId, checkedAt, lines, fixed };
  },
});
