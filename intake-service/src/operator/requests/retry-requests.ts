import { Type } from 'typebox';
import { failedRequests } from './list-requests.ts';
import { forEachOf, idsField, manyAnswer, numbersOf } from '../http/work-on-many.ts';
import { defineOperation } from '../http/operation.ts';
import { pageFields, timeFields } from '../http/page-fields.ts';
import { requeueRequest, type Objection } from './requeue-request.ts';

const unlessFailed: Objection = ({ status }) => (status === 'FAILED' ? undefined : `it is ${status}, not FAILED`);

export const retryRequests = defineOperation({
  action: 'requests.retry',
  method: 'POST',
  path: '/requests/retry',
  summary: 'Gives FAILED requests all their attempts again: these, or a page of those that failed in a time.',
  input: Type.Object({ ...idsField, ...timeFields, ...pageFields }, { additionalProperties: false }),
  answer: Type.Object(manyAnswer),
  logged: ({ ids, since, until }, answer) => ({ ids: ids?.length, since, until, ...numbersOf(answer) }),
  run: async ({ ids, since, until, limit = 50, cursor }, call) => {
    if (ids !== undefined) return forEachOf(ids, (id) => requeueRequest(id, unlessFailed, call));
    const { documents, nextCursor } = await call.store.query({
      ...failedRequests(since, until),
      limit,
      cursor,
    });
    return {
      ...(await forEachOf(
        documents.map(({ id }) => id),
        (id) => requeueRequest(id, unlessFailed, call),
      )),
      nextCursor,
    };
  },
});
