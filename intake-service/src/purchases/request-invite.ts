import { defineEndpoint } from '@paid-community/shared/platform/http/endpoint.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { acceptPurchase, type AcceptDeps } from './accept-purchase.ts';
import { intakeKey } from './intake-key.ts';
import { makesMembership } from './makes-membership.ts';
import { checkAccount, faultOfEnd, purchaseFields } from './purchase-fields.ts';
import { whatIsBought, type BoughtDeps } from './what-is-bought.ts';

type RequestInviteDeps = AcceptDeps & BoughtDeps;

const INVALID = 'The purchase is not valid';

/** A purchase as WebEngage, or a shop's own backend, reports it. */
export const requestInvite = defineEndpoint({
  id: 'invites.request',
  method: 'POST',
  path: '/v1/invite/request',
  summary: 'Reports a purchase: a single-use invite link will be made for it, and WebEngage will be told.',
  security: intakeKey,
  input: Type.Object(purchaseFields, { additionalProperties: false }),
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
    schema: Type.Object({
      ok: Type.Literal(true),
      status: Type.Literal('queued'),
      requestId: Type.String(),
      requests: Type.Optional(
        Type.Array(Type.Object({ communityId: Type.String(), requestId: Type.String() }), {
          description: 'of a plan that opens several communities: one request for each; requestId is that of the first',
        }),
      ),
    }),
  },
  refusals: ['unavailable'],
  texts: { invalid: INVALID },
  check: checkAccount,
  handle: async (
    { communityId, planId, transactionId = '', endsAt, ...buyer },
    { headers, traceparent },
    deps: RequestInviteDeps,
  ) => {
    const fault = endsAt === undefined ? undefined : faultOfEnd(endsAt, deps.clock.now());
    if (fault !== undefined) throw new HttpError('invalid_request', INVALID, [fault]);
    const bought = await whatIsBought({ communityId, planId }, deps);
    const end = endsAt === undefined ? undefined : new Date(endsAt).toISOString();
    const idempotencyKey = headers['idempotency-key'];
    const purchase = { ...bought, ...buyer, transactionId, idempotencyKey, endsAt: end };
    const made = makesMembership(purchase, deps.communities);
    const requests = await acceptPurchase({ ...purchase, makesMembership: made }, traceparent, deps);
    const [{ requestId }] = requests;
    return { ok: true, status: 'queued', requestId, requests: requests.length === 1 ? undefined : requests } as const;
  },
});
