import { hash } from 'node:crypto';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { defineCursor, InvalidCursorError } from '@paid-community/shared/platform/validation/cursor.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { lostByErasure, refuseToLose } from './erase/erase-memberships.ts';
import { countsOf, ErasedCounts } from './erase/erased.ts';
import { knowPerson } from './erase/person.ts';
import { STEPS } from './erase/steps.ts';

const positionCursor = defineCursor(
  Type.Object({
    step: Type.Integer({ minimum: 0, maximum: STEPS.length - 1 }),
    cursor: Type.Optional(Type.String()),
    /** What the documents knew before they were erased; the operator's own cursor is the only place that keeps it. */
    telegramUserIds: Type.Array(Type.String()),
  }),
);

export const erasePerson = defineOperation({
  action: 'person.erase',
  method: 'POST',
  path: '/erase',
  refusals: ['conflict'],
  summary:
    'Removes what the system knows of a person, a page at a time. Tombstones without personal data stay, so that no replay brings anything back.',
  input: Type.Object(
    {
      userId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'of the purchases; this, requestId or telegramUserId',
        }),
      ),
      requestId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'one purchase, or the grant of an import, with what hangs on it',
        }),
      ),
      telegramUserId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 32,
          description:
            'for joins and updates that no link of ours explains, and people who were imported without a userId',
        }),
      ),
      now: Type.Optional(
        Type.Boolean({
          description:
            'also when somebody is inside who is to be removed, now or at the end: nobody removes this person any more',
        }),
      ),
      telegramUsername: Type.Optional(
        Type.String({ minLength: 1, maxLength: 64, description: 'for updates that were too broken to name the id' }),
      ),
      cursor: Type.Optional(Type.String({ minLength: 1 })),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    erased: ErasedCounts,
    requestIds: Type.Array(Type.String()),
    kept: Type.Optional(
      Type.Object(
        { messages: Type.Integer(), until: Type.String() },
        { description: 'retained messages that Pub/Sub cannot remove one by one, and when they are gone' },
      ),
    ),
    lost: Type.Optional(
      Type.Array(
        Type.Object({
          membershipId: Type.String(),
          communityId: Type.String(),
          endsAt: Type.Optional(Type.String()),
        }),
        { description: 'with `now`: whoever is inside by these stays there, and nobody removes them' },
      ),
    ),
    nextCursor: Type.Optional(Type.String()),
  }),
  // The person can be told only by somebody who knows the id. The requests are named, for a restore of an older backup.
  logged: ({ userId, requestId }, answer) => ({
    ...(userId === undefined ? {} : { userHash: hash('sha256', userId) }),
    requestId,
    ...answer?.erased,
    keptMessages: answer?.kept?.messages,
    requestIds: answer?.requestIds.join(' '),
  }),
  run: async ({ cursor, now = false, ...asked }, call) => {
    if (asked.userId === undefined && asked.requestId === undefined && asked.telegramUserId === undefined)
      throw new HttpError(
        'invalid_request',
        'Whose data is to go: a userId, a requestId or a telegramUserId is needed',
      );
    const position = cursor === undefined ? { step: 0, telegramUserIds: [] } : positionCursor.decode(cursor);
    const step = STEPS[position.step];
    if (step === undefined) throw new InvalidCursorError();
    const person = await knowPerson(asked, position.telegramUserIds, call.store);
    const lost = cursor === undefined ? await lostByErasure(person, call) : undefined;
    if (!now) refuseToLose(lost ?? []);
    const { erased: found, requestIds, kept, next } = await step(person, position.cursor, call);
    const erased = countsOf(found);
    const following = {
      step: next === undefined ? position.step + 1 : position.step,
      cursor: next,
      telegramUserIds: person.telegramUserIds,
    };
    if (following.step < STEPS.length)
      return { erased, requestIds, kept, lost, nextCursor: positionCursor.encode(following) };
    // Also when nothing was left to erase: an erasure that was cut short ends with its repeat.
    await call.administration.store.overwriteErased();
    return { erased, requestIds, kept, lost, nextCursor: undefined };
  },
});
