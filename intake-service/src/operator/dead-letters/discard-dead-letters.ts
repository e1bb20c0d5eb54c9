import { deadLetters, discarded } from '@paid-community/shared/model/operations/dead-letter.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { Type } from 'typebox';
import { letterFilter, lettersMatching } from './dead-letter-answers.ts';
import { done, forEachOf, idsField, manyAnswer, numbersOf, skipped, type Outcome } from '../http/work-on-many.ts';
import { defineOperation, type OperatorCall } from '../http/operation.ts';
import { pageFields } from '../http/page-fields.ts';

const { source, code, since, until } = letterFilter;

export const discardDeadLetters = defineOperation({
  action: 'dead-letters.discard',
  method: 'POST',
  path: '/dead-letters/discard',
  summary:
    'Says of open dead letters that nobody will send them again, and why: these, or a page of those that match. One of them may still be retried by its id.',
  input: Type.Object(
    {
      reason: Type.String({
        minLength: 3,
        maxLength: 300,
        description: 'why, for a later reader; nothing that identifies a person',
      }),
      ...idsField,
      source,
      code,
      since,
      until,
      ...pageFields,
    },
    { additionalProperties: false },
  ),
  answer: Type.Object(manyAnswer),
  logged: (input, answer) => ({
    ids: input.ids?.length,
    source: input.source,
    code: input.code,
    since: input.since,
    until: input.until,
    reason: input.reason,
    ...numbersOf(answer),
  }),
  run: async ({ reason, ids, limit = 50, cursor, ...filter }, call) => {
    if (ids !== undefined) {
      if (Object.keys(filter).length > 0) throw new HttpError('invalid_request', 'Either ids or a filter');
      return forEachOf(ids, (id) => discardLetter(id, reason, call));
    }
    const { documents, nextCursor } = await call.store.query({
      ...lettersMatching(filter),
      limit,
      cursor,
    });
    return {
      ...(await forEachOf(
        documents.map(({ id }) => id),
        (id) => discardLetter(id, reason, call),
      )),
      nextCursor,
    };
  },
});

async function discardLetter(id: string, reason: string, { store, clock, operator }: OperatorCall): Promise<Outcome> {
  let outcome = done;
  await changeDocument(store, deadLetters, id, (letter) => {
    if (letter?.status === 'open') return discarded(letter, operator, new Date(clock.now()).toISOString(), reason);
    outcome = skipped(letter === undefined ? 'there is no such dead letter' : `it is ${letter.status}, not open`);
    return undefined;
  });
  return outcome;
}
