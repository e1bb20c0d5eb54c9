import { Type } from 'typebox';
import { diagnose } from './diagnose.ts';
import { diagnosisFields } from './diagnosis.ts';
import type { Logged } from '../http/audit.ts';
import { defineOperation } from '../http/operation.ts';

export const showHealth = defineOperation({
  action: 'health.show',
  method: 'GET',
  path: '/health',
  summary:
    'Looks at everything that must work, here and by the other services, and says of each what it means and what to do. Takes some seconds.',
  input: Type.Object({}, { additionalProperties: false }),
  answer: Type.Object(diagnosisFields),
  logged: (_input, answer) => statesOf(answer?.lines),
  run: async (_input, call) => {
    const { healthy, checkId, checkedAt, lines } = await diagnose({ fix: false, traceparent: call.traceparent }, call);
    return { healthy, checkId, checkedAt, lines };
  },
});

/** How many lines there are of each bad state. */
export function statesOf(lines: readonly { readonly state: string }[] | undefined): Logged {
  const count = (state: string): number | undefined => lines?.filter((line) => line.state === state).length;
  return { failing: count('failing'), warning: count('warning'), unknown: count('unknown') };
}
