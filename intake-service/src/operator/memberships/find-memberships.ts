import { memberships, membershipIdOf, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Page, Query, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { Type } from 'typebox';
import { communityField } from '../communities/community-field.ts';
import { defineOperation, type OperatorCall } from '../http/operation.ts';
import { pageFields } from '../http/page-fields.ts';
import { MembershipSummary, summarizeMembership } from './membership-answer.ts';
import { telegramUserIdField, userIdField } from './membership-fields.ts';

/** What a log line may say of a look-up: by what, not for whom. */
const KEYS = ['userId', 'telegramUserId', 'communityId'] as const;

export const findMemberships = defineOperation({
  action: 'memberships.find',
  // Not GET: platforms log URLs, and these arguments identify people.
  method: 'POST',
  path: '/memberships/find',
  summary:
    'Memberships of a person, newest first, or of a community. With a person and a community: that one. At least one of them is given.',
  input: Type.Object(
    {
      userId: Type.Optional(userIdField),
      telegramUserId: Type.Optional(telegramUserIdField),
      communityId: Type.Optional(communityField.communityId),
      ...pageFields,
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    memberships: Type.Array(MembershipSummary),
    nextCursor: Type.Optional(Type.String()),
  }),
  logged: (input, answer) => ({
    by: KEYS.filter((key) => input[key] !== undefined).join(' '),
    found: answer?.memberships.length,
  }),
  run: async ({ userId, telegramUserId, communityId, limit = 50, cursor }, call) => {
    const { documents, nextCursor } = await find({ userId, telegramUserId, communityId }, { limit, cursor }, call);
    return { memberships: documents.map(({ data }) => summarizeMembership(data)), nextCursor };
  },
});

interface Sought {
  readonly userId: string | undefined;
  readonly telegramUserId: string | undefined;
  readonly communityId: string | undefined;
}

async function find(
  { userId, telegramUserId, communityId }: Sought,
  page: Pick<Query<Membership>, 'limit' | 'cursor'>,
  { store }: OperatorCall,
): Promise<Page<Membership>> {
  if (userId !== undefined && telegramUserId !== undefined)
    throw new HttpError('invalid_request', 'One of userId and telegramUserId, not both');
  if (userId !== undefined && communityId !== undefined) {
    const read = await store.get(memberships, membershipIdOf(communityId, { userId }));
    return { documents: read === undefined ? [] : [read], nextCursor: undefined };
  }
  const byId = { field: 'membershipId', direction: 'ascending' } as const;
  const newestFirst = { field: 'createdAt', direction: 'descending' } as const;
  if (userId !== undefined) return ask({ userId }, newestFirst);
  if (telegramUserId !== undefined) {
    const found = await ask({ telegramUserId }, newestFirst);
    const isSought = ({ data }: Snapshot<Membership>): boolean =>
      communityId === undefined || data.communityId === communityId;
    return { ...found, documents: found.documents.filter(isSought) };
  }
  if (communityId !== undefined) return ask({ communityId }, byId);
  throw new HttpError('invalid_request', 'One of userId, telegramUserId and communityId is needed');

  function ask(where: Query<Membership>['where'], orderBy: Query<Membership>['orderBy']): Promise<Page<Membership>> {
    return store.query({ collection: memberships, where, orderBy, ...page });
  }
}
