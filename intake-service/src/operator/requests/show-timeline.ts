import type { RequestFields } from '@paid-community/shared/model/links/invite-request.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { explainedLinkError } from '@paid-community/shared/outside-errors/explain-error.ts';
import { Type } from 'typebox';
import { DeadLetterSummary, summarize } from '../dead-letters/dead-letter-answers.ts';
import { LastError } from './last-error.ts';
import { defineOperation } from '../http/operation.ts';
import { readPurchaseStory } from './purchase-story.ts';
import { TimelineEntry, timelineOf } from './timeline.ts';

export const showTimeline = defineOperation({
  action: 'requests.show',
  method: 'GET',
  path: '/requests/:requestId',
  refusals: ['not_found'],
  summary: 'The whole story of a purchase: its request, what happened when, and its dead letters.',
  input: Type.Object(
    { requestId: Type.String({ minLength: 1, maxLength: 100, description: 'id of the request' }) },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    requestId: Type.String(),
    request: Type.Optional(
      Type.Object(
        {
          status: Type.String(),
          userId: Type.String(),
          transactionId: Type.String(),
          attempts: Type.Integer(),
          retries: Type.Integer(),
          generation: Type.Integer(),
          createdAt: Type.String(),
          updatedAt: Type.String(),
          nextAttemptAt: Type.Optional(Type.String()),
          inviteLink: Type.Optional(Type.String()),
          telegramUserId: Type.Optional(Type.String()),
          membershipId: Type.Optional(Type.String({ description: 'the membership that the purchase belongs to' })),
          lastError: Type.Optional(LastError),
        },
        { description: 'absent when the purchase came to the dead letters before it became a request' },
      ),
    ),
    timeline: Type.Array(TimelineEntry),
    deadLetters: Type.Array(DeadLetterSummary),
  }),
  logged: ({ requestId }, answer) => ({ requestId, status: answer?.request?.status }),
  run: async ({ requestId }, { store }) => {
    const story = requestId.includes('/') ? undefined : await readPurchaseStory(requestId, store);
    if (story === undefined)
      throw new HttpError(
        'not_found',
        'Nothing is known of such a request; one that was accepted a moment ago may need a second to show',
      );
    const { join } = story;
    const request: RequestFields | undefined = story.request;
    return {
      requestId,
      request:
        request === undefined
          ? undefined
          : {
              status: request.status,
              userId: request.userId,
              transactionId: request.transactionId,
              attempts: request.attempts,
              retries: request.retries,
              generation: request.generation,
              createdAt: request.createdAt,
              updatedAt: request.updatedAt,
              nextAttemptAt: request.nextAttemptAt,
              inviteLink: request.inviteLink,
              telegramUserId: join?.telegramUserId,
              membershipId: request.membershipId,
              lastError: request.lastError === undefined ? undefined : explainedLinkError(request.lastError),
            },
      timeline: timelineOf(story),
      deadLetters: story.deadLetters.map(summarize),
    };
  },
});
