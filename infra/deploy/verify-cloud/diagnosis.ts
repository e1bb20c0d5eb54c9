import { unexpected, type CallIntake } from './intake.ts';

export interface Finding {
  readonly service: string;
  readonly check: string;
  readonly state: string;
  readonly meaning: string;
  readonly advice?: string;
}

/** What fails, by `npm run ops -- doctor`. */
export async function findFailing(intake: CallIntake, key: string): Promise<readonly Finding[]> {
  const answer = await intake('/v1/ops/health', { key });
  if (answer.status !== 200) throw unexpected('the doctor', answer);
  return (answer.body?.['lines'] as readonly Finding[]).filter(({ state }) => state === 'failing');
}
