import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests, type InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { joins, unmatchedJoins } from '@paid-community/shared/model/memberships/join.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Query } from '@paid-community/shared/platform/ports/document-store.ts';
import { inviteLinkForms } from '@paid-community/shared/telegram/invite-link-forms.ts';
import { Type } from 'typebox';
import { defineOperation, type OperatorCall } from '../http/operation.ts';
import { pageFields } from '../http/page-fields.ts';

const SHA_256 = /^[0-9a-f]{64}$/;

/** What a log line may say of a look-up: by what, not for whom. */
const KEYS = ['userId', 'transactionId', 'inviteLink', 'telegramUserId'] as const;

interface Found {
  readonly requests: readonly (InviteRequestDocument | undefined)[];
  readonly unmatched?:
    readonly { readonly joinedAt: string; readonly reason: string; readonly chatId: string }[] | undefined;
  readonly nextCursor?: string | undefined;
}

export const findRequests = defineOperation({
  action: 'requests.find',
  // Not GET: platforms log URLs, and these arguments identify people.
  method: 'POST',
  path: '/requests/find',
  summary:
    'Requests of a user, a transaction, an invite link or a Telegram user, newest first. Exactly one of these is given.',
  input: Type.Object(
    {
      userId: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'as WebEngage knows the buyer' })),
      transactionId: Type.Optional(
        Type.String({ minLength: 1, maxLength: 999, description: 'as it came with the purchase' }),
      ),
      inviteLink: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 512,
          description:
            'the link in any of the forms in which people have it, or its SHA-256 in hex, as the logs have it',
        }),
      ),
      telegramUserId: Type.Optional(
        Type.String({ pattern: '^\\d{1,20}$', description: 'the number by which Telegram knows who joined' }),
      ),
      ...pageFields,
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    requests: Type.Array(
      Type.Object({
        requestId: Type.String(),
        status: Type.String(),
        userId: Type.String(),
        transactionId: Type.String(),
        createdAt: Type.String(),
        linkCreatedAt: Type.Optional(Type.String()),
      }),
    ),
    unmatchedJoins: Type.Optional(
      Type.Array(Type.Object({ joinedAt: Type.String(), reason: Type.String(), chatId: Type.String() }), {
        description: 'of a Telegram user: joins that no link of this system explains',
      }),
    ),
    nextCursor: Type.Optional(Type.String()),
  }),
  logged: (input, answer) => ({ by: KEYS.find((key) => input[key] !== undefined), found: answer?.requests.length }),
  run: async (input, call) => {
    const given = KEYS.filter((key) => input[key] !== undefined);
    if (given.length !== 1) throw new HttpError('invalid_request', `Exactly one of ${KEYS.join(', ')} is needed`);
    const page = { limit: input.limit ?? 50, cursor: input.cursor };
    const { requests, unmatched, nextCursor } = await lookUpRequests(input, page, call);
    const known = requests.filter((request) => request !== undefined);
    return {
      requests: known.map(({ requestId, status, userId, transactionId, createdAt, linkCreatedAt }) => ({
        requestId,
        status,
        userId,
        transactionId,
        createdAt,
        linkCreatedAt,
      })),
      unmatchedJoins: unmatched,
      nextCursor,
    };
  },
});

type PageOf = Pick<Query<object>, 'limit' | 'cursor'>;

/** Newest first. */
export async function lookUpRequests(
  input: { readonly [Key in (typeof KEYS)[number]]?: string },
  page: PageOf,
  call: OperatorCall,
): Promise<Found> {
  const { userId, transactionId, inviteLink, telegramUserId } = input;
  if (userId !== undefined) return byField({ userId }, page, call);
  if (transactionId !== undefined) return byField({ transactionId }, page, call);
  if (inviteLink !== undefined) return byLink(inviteLink, call);
  return byTelegramUser(telegramUserId ?? '', page, call);
}

async function byField(
  where: Query<InviteRequestDocument>['where'],
  page: PageOf,
  { store }: OperatorCall,
): Promise<Found> {
  const { documents, nextCursor } = await store.query({
    collection: inviteRequests,
    where,
    orderBy: { field: 'createdAt', direction: 'descending' },
    ...page,
  });
  return { requests: documents.map(({ data }) => data), nextCursor };
}

async function byLink(inviteLink: string, { store }: OperatorCall): Promise<Found> {
  const hash = inviteLink.trim().toLowerCase();
  const ids = SHA_256.test(hash) ? [hash] : inviteLinkForms(inviteLink).map(inviteLinkId);
  const links = await Promise.all(ids.map((id) => store.get(inviteLinks, id)));
  const link = links.find((found) => found !== undefined);
  return { requests: link === undefined ? [] : [(await store.get(inviteRequests, link.data.requestId))?.data] };
}

async function byTelegramUser(telegramUserId: string, page: PageOf, { store }: OperatorCall): Promise<Found> {
  const newestFirst = { field: 'joinedAt', direction: 'descending' } as const;
  const [matched, unmatched] = await Promise.all([
    store.query({ collection: joins, where: { telegramUserId }, orderBy: newestFirst, ...page }),
    // The newest of them tell enough; they come with the first page.
    page.cursor === undefined
      ? store.query({
          collection: unmatchedJoins,
          where: { telegramUserId },
          orderBy: newestFirst,
          limit: page.limit,
        })
      : undefined,
  ]);
  const requests = await Promise.all(
    matched.documents.map(async ({ data }) => (await store.get(inviteRequests, data.requestId))?.data),
  );
  return {
    requests,
    unmatched: unmatched?.documents.map(({ data: { joinedAt, reason, chatId } }) => ({ joinedAt, reason, chatId })),
    nextCursor: matched.nextCursor,
  };
}
