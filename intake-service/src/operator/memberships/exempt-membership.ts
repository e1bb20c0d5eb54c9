import { exempted } from '@paid-community/shared/model/memberships/changes-by-operators.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { changeOne, changesOne, loggedOf } from './change-one.ts';
import { membershipField } from './membership-fields.ts';

export const exemptMembership = defineOperation({
  ...changesOne,
  action: 'memberships.exempt',
  path: '/memberships/:membershipId/exempt',
  summary: 'Whether the person is never removed, as somebody of the staff. The same call again changes nothing.',
  input: Type.Object(
    { ...membershipField, exempt: Type.Boolean({ description: 'false: not exempt any more' }) },
    { additionalProperties: false },
  ),
  logged: (input, answer) => ({ ...loggedOf(input, answer), exempt: input.exempt }),
  run: ({ membershipId, exempt }, call) =>
    changeOne(membershipId, (known, { rules, nowMs }) => exempted(known, exempt, call.operator, rules, nowMs), call),
});
