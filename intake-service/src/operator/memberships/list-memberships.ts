import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { Query } from '@paid-community/shared/platform/ports/document-store.ts';
import { Type } from 'typebox';
import { communityField } from '../communities/community-field.ts';
import { viewCommunity } from '../communities/read-community.ts';
import { defineOperation } from '../http/operation.ts';
import { pageFields, timeFields } from '../http/page-fields.ts';
import { MembershipSummary, membershipStates, summarizeMembership } from './membership-answer.ts';

export const listMemberships = defineOperation({
  action: 'memberships.list',
  method: 'GET',
  path: '/memberships',
  refusals: ['not_found'],
  summary:
    'The memberships of a community by their ids; those of one state; or with since or until those that end then, soonest first.',
  input: Type.Object(
    {
      ...communityField,
      state: Type.Optional(
        Type.Enum(membershipStates, { description: 'only these; with since or until active by default' }),
      ),
      ...timeFields,
      ...pageFields,
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({ memberships: Type.Array(MembershipSummary), nextCursor: Type.Optional(Type.String()) }),
  logged: ({ communityId, state, since, until }, answer) => ({
    communityId,
    state,
    since,
    until,
    found: answer?.memberships.length,
  }),
  run: async ({ communityId, state, since, until, limit = 50, cursor }, { store }) => {
    await viewCommunity(communityId, store);
    const which =
      since === undefined && until === undefined ? byId(communityId, state) : byEnd(communityId, state, since, until);
    const { documents, nextCursor } = await store.query({ collection: memberships, ...which, limit, cursor });
    return { memberships: documents.map(({ data }) => summarizeMembership(data)), nextCursor };
  },
});

type Which = Pick<Query<Membership>, 'where' | 'orderBy'>;
type State = Membership['state'];

function byId(communityId: string, state: State | undefined): Which {
  const where = state === undefined ? { communityId } : { communityId, state };
  return { where, orderBy: { field: 'membershipId', direction: 'ascending' } };
}

function byEnd(
  communityId: string,
  state: State = 'active',
  from: string | undefined,
  before: string | undefined,
): Which {
  return { where: { communityId, state }, orderBy: { field: 'endsAt', direction: 'ascending', from, before } };
}
