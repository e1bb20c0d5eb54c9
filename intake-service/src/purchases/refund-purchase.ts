import { AMOUNT_PATTERN } from '@paid-community/shared/model/plans/plan.ts';
import { PurchaseRefunded } from '@paid-community/shared/model/purchases/purchase-notes.ts';
import { refundIdOf } from '@paid-community/shared/model/purchases/refund-id.ts';
import { REQUEST_ID_PATTERN } from '@paid-community/shared/model/purchases/request-id.ts';
import { defineEndpoint } from '@paid-community/shared/platform/http/endpoint.ts';
import type { Issue } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import type { AcceptDeps } from './accept-purchase.ts';
import { intakeKey } from './intake-key.ts';

/** Money that went back. It may be told before its purchase: it is kept until that comes. */
export const refundPurchase = defineEndpoint({
  id: 'invites.refund',
  method: 'POST',
  path: '/v1/invite/requests/:requestId/refund',
  summary: 'Reports a refund. One of all that was paid ends the access that the purchase gave; a part is only noted.',
  security: intakeKey,
  input: Type.Object(
    {
      requestId: Type.String({
        pattern: REQUEST_ID_PATTERN,
        description: 'the requestId with which the purchase was answered',
      }),
      amount: Type.Optional(
        Type.String({
          pattern: AMOUNT_PATTERN,
          description: 'a decimal text such as "12.50"; without it, all that was paid went back',
        }),
      ),
      reason: Type.Optional(
        Type.String({ minLength: 1, maxUtf16Units: 500, format: 'unicode', description: 'why, in words' }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: {
    status: 202,
    description: 'The refund is durable. The same amount for the same reason again changes nothing.',
    schema: Type.Object({
      ok: Type.Literal(true),
      requestId: Type.String(),
      refundId: Type.String({ description: 'tells one refund of the purchase from another' }),
    }),
  },
  refusals: ['unavailable'],
  texts: {
    invalid: 'The refund is not valid',
    notAnObject: 'The body must be a JSON object; {} for all that was paid',
  },
  check: checkAmount,
  handle: async ({ requestId, amount, reason }, { traceparent }, { eventBus, clock, log }: AcceptDeps) => {
    const refundId = refundIdOf({ amount, reason });
    const time = new Date(clock.now()).toISOString();
    const data = { requestId, refundId, amount, reason };
    await PurchaseRefunded.publish(eventBus, PurchaseRefunded.create({ time, traceparent, data }));
    log.info({ requestId, refundId, whole: amount === undefined }, 'refund accepted');
    return { ok: true, requestId, refundId } as const;
  },
});

function checkAmount({ amount }: { readonly amount?: string }): readonly Issue[] {
  if (amount === undefined || /[1-9]/.test(amount)) return [];
  return [{ path: '/amount', message: 'must be more than nothing; leave it out when all that was paid went back' }];
}
