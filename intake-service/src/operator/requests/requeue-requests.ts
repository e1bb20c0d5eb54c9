import { Type } from 'typebox';
import { stuckField, stuckRequests } from './list-requests.ts';
import { forEachOf, idsField, manyAnswer, numbersOf } from '../http/work-on-many.ts';
import { defineOperation } from '../http/operation.ts';
import { pageFields } from '../http/page-fields.ts';
import { requeueRequest, type Objection } from './requeue-request.ts';

/** Asked for by id, one may be requeued at any time: an older task of it has nothing to do any more. */
const unlessUnderWay: Objection = ({ status }) =>
  status === 'PROCESSING' || status === 'QUEUED' ? undefined : `it is ${status}, and no attempt of it is due`;

export const requeueRequests = defineOperation({
  action: 'requests.requeue',
  method: 'POST',
  path: '/requests/requeue',
  summary:
    'Gives requests whose task was lost another one, at once: these, or a page of those whose next attempt is long overdue.',
  input: Type.Object({ ...idsField, ...stuckField, ...pageFields }, { additionalProperties: false }),
  answer: Type.Object(manyAnswer),
  logged: ({ ids, stuckForSeconds }, answer) => ({ ids: ids?.length, stuckForSeconds, ...numbersOf(answer) }),
  run: async ({ ids, stuckForSeconds, limit = 50, cursor }, call) => {
    if (ids !== undefined) return forEachOf(ids, (id) => requeueRequest(id, unlessUnderWay, call));
    const query = stuckRequests(call.clock.now(), stuckForSeconds);
    const { documents, nextCursor } = await call.store.query({
      ...query,
      limit,
      cursor,
    });
    const before = query.orderBy.before;
    // Read again: somebody may have been faster.
    const stillStuck: Objection = (request) =>
      request.status === 'PROCESSING' &&
      request.nextAttemptAt !== undefined &&
      before !== undefined &&
      request.nextAttemptAt < before
        ? undefined
        : 'it is not stuck any more';
    return {
      ...(await forEachOf(
        documents.map(({ id }) => id),
        (id) => requeueRequest(id, stillStuck, call),
      )),
      nextCursor,
    };
  },
});
