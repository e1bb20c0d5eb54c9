import { randomUUID } from 'node:crypto';
import { grants } from '@paid-community/shared/model/memberships/grant.ts';
import { extension } from '@paid-community/shared/model/memberships/given-grants.ts';
import { extended } from '@paid-community/shared/model/memberships/changes-by-operators.ts';
import type { Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { changeOne, changesOne, loggedOf } from './change-one.ts';
import { requireEnd, requirePeriod } from './given-time.ts';
import { endField, membershipField, periodField } from './membership-fields.ts';

export const extendMembership = defineOperation({
  ...changesOne,
  action: 'memberships.extend',
  path: '/memberships/:membershipId/extend',
  summary:
    'Gives more time, until a time or for a period from the end on. What had ended begins anew; whoever was removed for it gets another link.',
  input: Type.Object(
    { ...membershipField, endsAt: Type.Optional(endField), period: Type.Optional(periodField) },
    { additionalProperties: false },
  ),
  logged: (input, answer) => ({ ...loggedOf(input, answer), endsAt: input.endsAt, period: input.period }),
  run: async ({ membershipId, endsAt, period }, call) => {
    if ((endsAt === undefined) === (period === undefined))
      throw new HttpError('invalid_request', 'Exactly one of endsAt and period is needed');
    const nowMs = call.clock.now();
    const given = { endsAt: requireEnd(endsAt, nowMs), period: requirePeriod(period, nowMs) };
    const grantId = randomUUID();
    return changeOne(
      membershipId,
      async (known, { grants: readGrants, fold, rules, nowMs }) => {
        requireLonger(known, given.endsAt);
        const others = await readGrants();
        const grant = extension(known, others, { grantId, ...given }, nowMs);
        const withGrant = fold([...others, grant], known.revokedAt);
        const membership = extended(known, withGrant, call.operator, rules, nowMs);
        return { membership, writes: [createDocument(grants, grantId, grant)] };
      },
      call,
    );
  },
});

function requireLonger({ startsAt, endsAt }: Membership, wanted: string | undefined): void {
  if (startsAt === undefined) return;
  if (endsAt === undefined) throw new HttpError('conflict', 'This membership has no end: there is nothing to extend');
  if (wanted !== undefined && wanted <= endsAt)
    throw new HttpError('invalid_request', 'The end would not be later', [
      { path: '/endsAt', message: `must be after ${endsAt}, the end as it is; to end it earlier: revoke` },
    ]);
}
