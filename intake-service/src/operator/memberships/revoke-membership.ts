import { notBefore } from '@paid-community/shared/model/memberships/given-grants.ts';
import { takenBack } from '@paid-community/shared/model/memberships/changes-by-operators.ts';
import { isEnded } from '@paid-community/shared/model/memberships/membership.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { changeOne, changesOne, loggedOf } from './change-one.ts';
import { membershipField } from './membership-fields.ts';

export const revokeMembership = defineOperation({
  ...changesOne,
  action: 'memberships.revoke',
  path: '/memberships/:membershipId/revoke',
  summary:
    'Ends it at once: all that was bought and given until now counts no more. What is bought afterwards does. The same call again changes nothing.',
  input: Type.Object(
    {
      ...membershipField,
      reason: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 200,
          format: 'unicode',
          pattern: '\\S',
          description: 'more than blanks; it is kept, and told with the event',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  logged: loggedOf,
  run: ({ membershipId, reason = 'revoked' }, call) =>
    changeOne(
      membershipId,
      async (known, { grants, fold, rules, nowMs }) => {
        if (known.state === 'revoked') return undefined;
        if (isEnded(known)) throw new HttpError('conflict', `It ended at ${known.endedAt}: there is nothing to revoke`);
        const given = await grants();
        const at = notBefore(given, nowMs);
        return takenBack(known, { at, reason, by: call.operator }, fold(given, at), rules, nowMs);
      },
      call,
    ),
});
