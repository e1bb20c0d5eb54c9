import type { DeadLetter } from '@paid-community/shared/documents/dead-letters.ts';
import type { Snapshot } from '@paid-community/shared/ports/document-store.ts';
import { Type, type Static } from 'typebox';
import type { Answered } from './operation.ts';

const Status = Type.Enum(['open', 'retrying', 'retried', 'discarded'], { description: 'open = waits for an operator; retrying = being sent again; retried = sent again and not failed since' });

/** Which letters are meant. */
export const letterFilter = {
  status: Type.Optional(Status),
  source: Type.Optional(Type.String({ minLength: 1, description: 'name of the subscription or queue that gave up' })),
  code: Type.Optional(Type.String({ minLength: 1, description: 'error code of the newest failure' })),
};

type LetterFilter = Partial<Record<keyof typeof letterFilter, string>>;

/** Open ones, unless said otherwise. */
export function whereOf({ status = 'open', source, code }: LetterFilter): Record<string, string> {
  return { status, ...(source === undefined ? {} : { source }), ...(code === undefined ? {} : { code }) };
}

export const DeadLetterSummary = Type.Object({
  id: Type.String(),
  source: Type.String(),
  status: Status,
  code: Type.String(),
  reason: Type.String(),
  failures: Type.Integer({ description: 'how often it came to the dead letters, as far as the history goes' }),
  retries: Type.Integer(),
  firstAt: Type.String(),
  lastAt: Type.String(),
});

export function summarize({ id, data }: Snapshot<DeadLetter>): Answered<Static<typeof DeadLetterSummary>> {
  const { source, status, code, history, retries, firstAt, lastAt } = data;
  return { id, source, status, code, reason: history.at(-1)?.reason ?? '', failures: history.length, retries, firstAt, lastAt };
}
