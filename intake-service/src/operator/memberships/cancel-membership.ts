import { cancelled } from '@paid-community/shared/model/memberships/changes-by-operators.ts';
import { isEnded } from '@paid-community/shared/model/memberships/membership.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { changeOne, changesOne, loggedOf } from './change-one.ts';
import { membershipField } from './membership-fields.ts';

export const cancelMembership = defineOperation({
  ...changesOne,
  action: 'memberships.cancel',
  path: '/memberships/:membershipId/cancel',
  summary:
    'The person wants no renewal: the time goes on to its end, without grace. The same call again changes nothing.',
  input: Type.Object(membershipField, { additionalProperties: false }),
  logged: loggedOf,
  run: ({ membershipId }, call) =>
    changeOne(
      membershipId,
      (known, { rules, nowMs }) => {
        if (isEnded(known)) throw new HttpError('conflict', `It ended at ${known.endedAt}: there is nothing to cancel`);
        return cancelled(known, call.operator, rules, nowMs);
      },
      call,
    ),
});
