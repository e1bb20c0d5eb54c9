import { ConflictError } from '@paid-community/shared/platform/ports/errors.ts';
import { documentOf, inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { linkReplaced, linkWanted } from '@paid-community/shared/model/links/replace-link.ts';
import { nextTaskOf } from '@paid-community/shared/model/links/attempts.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';

export const reissueLink = defineOperation({
  action: 'requests.reissue',
  method: 'POST',
  path: '/requests/:requestId/reissue',
  refusals: ['not_found', 'conflict'],
  summary:
    'Revokes the link of a request and makes another one, which the buyer is told. Both calls go through the queue, at its pace. A request that needed no link gets one.',
  input: Type.Object(
    {
      requestId: Type.String({ description: 'id of the request' }),
      force: Type.Optional(Type.Boolean({ description: 'also when somebody has joined through the link' })),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    requestId: Type.String(),
    generation: Type.Integer({ description: 'number of the new link; the first is 1' }),
  }),
  logged: ({ requestId, force }, answer) => ({ requestId, force, generation: answer?.generation }),
  run: async ({ requestId, force = false }, call) => {
    const { store } = call;
    const [read, join] = await Promise.all([store.get(inviteRequests, requestId), store.get(joins, requestId)]);
    if (read === undefined) throw new HttpError('not_found', 'There is no such request');
    const request = inviteRequestOf(read.data);
    if (request.status === 'PROCESSING' && request.replaces !== undefined) {
      // Who asked for it may have died before its task was queued. The task has one name, so that it is queued once.
      if ((await call.taskQueue.enqueue(inviteQueue, nextTaskOf(request))) === 'created')
        return { requestId, generation: request.generation };
      throw new HttpError('conflict', 'Another link is on its way already');
    }
    if (request.status !== 'DONE' && request.status !== 'NOT_NEEDED') {
      throw new HttpError(
        'conflict',
        `The request is ${request.status}: there is no link to replace${request.status === 'FAILED' ? '; retry it' : ''}`,
      );
    }
    if (join !== undefined && !force)
      throw new HttpError(
        'conflict',
        `Somebody joined through the link at ${join.data.joinedAt}; a new link would let one more in. To make it all the same: force`,
      );
    const now = call.clock.now();
    const changed = request.status === 'DONE' ? linkReplaced(request, now) : linkWanted(request, now);
    if (changed === undefined)
      throw new HttpError('conflict', `The request has had ${request.generation} links, and that is the most`);
    try {
      await changeDocument(store, inviteRequests, read, () => documentOf(changed), { attempts: 1 });
    } catch (error) {
      if (error instanceof ConflictError)
        throw new HttpError('conflict', 'The request has changed in the same moment; look at it again');
      throw error;
    }
    await call.taskQueue.enqueue(inviteQueue, nextTaskOf(changed));
    return { requestId, generation: changed.generation };
  },
});
