import type { Advice } from './advice.ts';
import { unexpected, type CallIntake } from './intake.ts';
import type { VerifyOptions } from './options.ts';
import { StepFailed } from './step-failed.ts';

/** Of no request. */
const NO_REQUEST = '00000000-0000-0000-0000-000000000000';

export async function reach(intake: CallIntake, advice: Advice): Promise<void> {
  const { status, body } = await intake(`/v1/invite/requests/${NO_REQUEST}`);
  // Without a key: our own refusal is what shows that it is our own service, and open to everybody.
  if (status === 401 && body !== undefined) return;
  const where = [advice.describe('intake-service')];
  if (status === 403)
    throw new StepFailed('Cloud Run itself refuses the call (403): the service is not public', [
      'The services intake-service and join-tracker are open by invokerIamDisabled: did `npm run up` set it, or does a policy of the organisation forbid it?',
      ...where,
    ]);
  if (status === 404)
    throw new StepFailed('There is no such service at this URL (404), or it is closed to the internet', [
      'Is --url intakeUrl of `npm run pulumi -- stack output`? Ingress must be "all".',
      ...where,
    ]);
  if (status >= 500 || status === 429)
    throw new StepFailed(`The answer is ${status}: no instance of intake-service starts, or none is free`, [
      'Its log says why.',
      advice.log('intake-service'),
      ...where,
    ]);
  throw new StepFailed(`The answer is ${status}, and none of intake-service`, [
    'Is --url intakeUrl of `npm run pulumi -- stack output`?',
  ]);
}

export async function tryKeys(intake: CallIntake, { key, operatorKey }: VerifyOptions): Promise<void> {
  const secret = (name: string): readonly string[] => [
    `Is it in the version of ${name} that secretVersions names? A new version is taken by the next \`npm run pulumi -- up\`.`,
  ];
  const asBuyer = await intake(`/v1/invite/requests/${NO_REQUEST}`, { key });
  if (asBuyer.status === 401) throw new StepFailed('the intake key is not taken (401)', secret('INTAKE_API_KEYS'));
  if (asBuyer.status !== 404) throw unexpected('looking up a request', asBuyer);
  const asOperator = await intake('/v1/ops/queues', { key: operatorKey });
  if (asOperator.status === 401)
    throw new StepFailed("the operator's key is not taken (401)", secret('OPERATOR_API_KEYS'));
  if (asOperator.status !== 200) throw unexpected('the operator API', asOperator);
}

export async function buy(intake: CallIntake, key: string, userId: string, advice: Advice): Promise<string> {
  const answer = await intake('/v1/invite/request', { key, body: { userId, transactionId: userId } });
  const requestId = answer.body?.['requestId'];
  if (answer.status === 202 && typeof requestId === 'string') return requestId;
  throw new StepFailed(unexpected('the purchase', answer).message, [
    '503 = Pub/Sub did not take it: may the account of intake-service publish to purchase-events?',
    advice.log('intake-service'),
  ]);
}
