import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { defineEndpoint } from '@paid-community/shared/platform/http/endpoint.ts';
import { Type } from 'typebox';
import { COMMUNITY_ID_PATTERN, DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { acceptPurchase, type AcceptDeps } from './accept-purchase.ts';
import { intakeKey } from './intake-key.ts';
import { requireOpenCommunity } from './open-community.ts';

interface RequestInviteDeps extends AcceptDeps {
  readonly communities: Pick<KnownCommunities, 'get' | 'lastKnown' | 'readAgain'>;
}

/** A purchase as WebEngage, or a shop's own backend, reports it. */
export const requestInvite = defineEndpoint({
  id: 'invites.request',
  method: 'POST',
  path: '/v1/invite/request',
  summary: 'Reports a purchase: a single-use invite link will be made for it, and WebEngage will be told.',
  security: intakeKey,
  input: Type.Object(
    {
      // WebEngage's own limits: a user id of at most 100 characters, event attributes under 1,000. What it would refuse
      // later is refused here; everything else is kept as it came, blanks and control characters too.
      userId: Type.String({
        minLength: 1,
        maxUtf16Units: 100,
        format: 'unicode',
        pattern: '\\S',
        description: 'more than blanks',
        orInteger: true,
      }),
      transactionId: Type.Optional(Type.String({ maxUtf16Units: 999, format: 'unicode', orInteger: true })),
      communityId: Type.Optional(
        Type.String({
          pattern: COMMUNITY_ID_PATTERN,
          description: `the id of a connected community: 1 to 40 of a-z, 0-9 and -; "${DEFAULT_COMMUNITY}" by default`,
        }),
      ),
    },
    { additionalProperties: false },
  ),
  headers: [
    {
      name: 'Idempotency-Key',
      description: 'Makes a call without a transactionId repeatable: the same user and key are the same request.',
      schema: Type.String({ minLength: 1, maxLength: 255 }),
      wanted: 'must have 1 to 255 characters',
    },
  ],
  answer: {
    status: 202,
    description: 'The purchase is durable. The same purchase again gives the same requestId, and no second link.',
    schema: Type.Object({ ok: Type.Literal(true), status: Type.Literal('queued'), requestId: Type.String() }),
  },
  refusals: ['unavailable'],
  texts: { invalid: 'The purchase is not valid' },
  handle: async (
    { userId, transactionId = '', communityId = DEFAULT_COMMUNITY },
    { headers, traceparent },
    deps: RequestInviteDeps,
  ) => {
    await requireOpenCommunity(communityId, deps.communities);
    const idempotencyKey = headers['idempotency-key'];
    const requestId = await acceptPurchase({ communityId, userId, transactionId, idempotencyKey }, traceparent, deps);
    return { ok: true, status: 'queued', requestId } as const;
  },
});
