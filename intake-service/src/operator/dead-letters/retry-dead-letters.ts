import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { letterFilter, lettersMatching } from './dead-letter-answers.ts';
import { forEachOf, idsField, manyAnswer, numbersOf } from '../http/work-on-many.ts';
import { defineOperation } from '../http/operation.ts';
import { pageFields } from '../http/page-fields.ts';
import { retryLetter } from './retry-letter.ts';

export const retryDeadLetters = defineOperation({
  action: 'dead-letters.retry',
  method: 'POST',
  path: '/dead-letters/retry',
  summary:
    'Sends dead letters again: these, or a page of those that match. One that fails again is open again, with a longer history.',
  input: Type.Object({ ...idsField, ...letterFilter, ...pageFields }, { additionalProperties: false }),
  answer: Type.Object(manyAnswer),
  logged: ({ ids, status, source, code, since, until }, answer) => ({
    ids: ids?.length,
    status,
    source,
    code,
    since,
    until,
    ...numbersOf(answer),
  }),
  run: async ({ ids, limit = 50, cursor, ...filter }, call) => {
    if (ids !== undefined) {
      if (Object.keys(filter).length > 0) throw new HttpError('invalid_request', 'Either ids or a filter');
      return forEachOf(ids, (id) => retryLetter(id, call));
    }
    const { documents, nextCursor } = await call.store.query({
      ...lettersMatching(filter),
      limit,
      cursor,
    });
    return {
      ...(await forEachOf(
        documents.map(({ id }) => id),
        (id) => retryLetter(id, call),
      )),
      nextCursor,
    };
  },
});
