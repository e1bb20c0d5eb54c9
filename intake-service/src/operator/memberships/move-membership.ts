import { moved } from '@paid-community/shared/model/memberships/account-life.ts';
import { isEnded } from '@paid-community/shared/model/memberships/membership.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { changeOne, changesOne, loggedOf } from './change-one.ts';
import { membershipField, telegramUserIdField } from './membership-fields.ts';

export const moveMembership = defineOperation({
  ...changesOne,
  action: 'memberships.move',
  path: '/memberships/:membershipId/move',
  summary:
    'Binds it to another Telegram account of the same person, who gets another link. The account that came in by it before is removed. The same call again changes nothing.',
  input: Type.Object({ ...membershipField, telegramUserId: telegramUserIdField }, { additionalProperties: false }),
  logged: loggedOf,
  run: ({ membershipId, telegramUserId }, call) =>
    changeOne(
      membershipId,
      (known, { rules, nowMs }) => {
        // The account would be removed at once.
        if (isEnded(known)) throw new HttpError('conflict', `It ended at ${known.endedAt}; extend it first`);
        return moved(known, telegramUserId, call.operator, rules, nowMs);
      },
      call,
    ),
});
