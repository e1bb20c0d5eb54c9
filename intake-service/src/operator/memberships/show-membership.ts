import { grantsOf } from '@paid-community/shared/memberships/grants-of.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { changesOne, describeWithGuard, loggedOf, readMembership } from './change-one.ts';
import { describeGrant, GrantAnswer } from './grant-answer.ts';
import { membershipField } from './membership-fields.ts';

export const showMembership = defineOperation({
  action: 'memberships.show',
  method: 'GET',
  path: '/memberships/:membershipId',
  refusals: ['not_found'],
  summary: 'A membership: how it stands and what comes next, what was bought and given, and what happened to it.',
  input: Type.Object(membershipField, { additionalProperties: false }),
  answer: Type.Object({
    ...changesOne.answer.properties,
    grants: Type.Array(GrantAnswer, { description: 'what was bought, imported or given, in order of time' }),
    history: Type.Array(Type.Object({ at: Type.String(), what: Type.String(), detail: Type.Optional(Type.String()) }), {
      description: 'oldest first; the newest 50',
    }),
  }),
  logged: loggedOf,
  run: async ({ membershipId }, { store }) => {
    const [{ data }, grants] = await Promise.all([readMembership(membershipId, store), grantsOf(membershipId, store)]);
    return {
      membership: await describeWithGuard(data, store),
      grants: grants.map(describeGrant),
      history: data.history,
    };
  },
});
