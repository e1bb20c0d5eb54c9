import { deadLetters, type DeadLetter } from '@paid-community/shared/model/operations/dead-letter.ts';
import type { Query, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { Type, type Static } from 'typebox';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { timeFields } from '../http/page-fields.ts';

const Status = Type.Enum(['open', 'retrying', 'retried', 'discarded'], {
  description:
    'open = waits for an operator (the default); retrying = being sent again; retried = sent again and not failed since; discarded',
});

/** Which letters are meant. */
export const letterFilter = {
  status: Type.Optional(Status),
  source: Type.Optional(Type.String({ minLength: 1, description: 'name of the subscription or queue that gave up' })),
  code: Type.Optional(Type.String({ minLength: 1, description: 'error code of the newest failure' })),
  ...timeFields,
};

export interface LetterFilter {
  readonly status?: DeadLetter['status'];
  readonly source?: string;
  readonly code?: string;
  readonly since?: string;
  readonly until?: string;
}

/** Newest first: what fails again while pages are worked through comes back before the cursor, not after it. */
export function lettersMatching({
  status = 'open',
  source,
  code,
  since,
  until,
}: LetterFilter): Pick<Query<DeadLetter>, 'collection' | 'where' | 'orderBy'> {
  return {
    collection: deadLetters,
    where: { status, ...(source === undefined ? {} : { source }), ...(code === undefined ? {} : { code }) },
    orderBy: { field: 'lastAt', direction: 'descending', from: since, before: until },
  };
}

const summaryFields = {
  id: Type.String(),
  source: Type.String(),
  status: Status,
  code: Type.String(),
  reason: Type.String({ description: 'of the newest failure' }),
  failures: Type.Integer({ description: 'how often it came to the dead letters, as far as the history goes' }),
  retries: Type.Integer(),
  firstAt: Type.String(),
  lastAt: Type.String(),
};

export const DeadLetterSummary = Type.Object(summaryFields);

export const DeadLetterDetails = Type.Object({
  ...summaryFields,
  claimedAt: Type.Optional(Type.String()),
  message: Type.Object({
    data: Type.String(),
    attributes: Type.Record(Type.String(), Type.String()),
    cutFromCharacters: Type.Optional(Type.Integer()),
  }),
  history: Type.Array(
    Type.Object({
      messageId: Type.String(),
      at: Type.String(),
      code: Type.String(),
      reason: Type.String(),
      attempts: Type.Integer(),
    }),
  ),
  actions: Type.Array(
    Type.Object({
      at: Type.String(),
      by: Type.String(),
      action: Type.Enum(['retried', 'discarded']),
      reason: Type.Optional(Type.String()),
    }),
  ),
});

export function summarize({ id, data }: Snapshot<DeadLetter>): Written<Static<typeof DeadLetterSummary>> {
  const { source, status, code, history, retries, firstAt, lastAt } = data;
  return {
    id,
    source,
    status,
    code,
    reason: history.at(-1)?.reason ?? '',
    failures: history.length,
    retries,
    firstAt,
    lastAt,
  };
}

export function detail(letter: Snapshot<DeadLetter>): Written<Static<typeof DeadLetterDetails>> {
  const { claimedAt, message, history, actions } = letter.data;
  return { ...summarize(letter), claimedAt, message, history, actions };
}
