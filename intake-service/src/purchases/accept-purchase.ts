import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { HttpRequest, HttpResponse } from '@paid-community/shared/platform/http/route.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import { requestIdOf } from '@paid-community/shared/model/purchases/request-id.ts';

/** One community for now; the field is in every event and document. */
const COMMUNITY_ID = 'default';

const validatePurchase = compileValidator(
  Type.Object(
    {
      // WebEngage's own limits: a user id of at most 100 characters, event attributes under 1,000. What it would refuse
      // later is refused here; everything else is kept as it came, blanks and control characters too.
      userId: Type.String({
        minLength: 1,
        maxUtf16Units: 100,
        format: 'unicode',
        pattern: '\\S',
        description: 'more than blanks',
      }),
      transactionId: Type.Optional(Type.String({ maxUtf16Units: 999, format: 'unicode' })),
    },
    { additionalProperties: false },
  ),
);

const validateIdempotencyKey = compileValidator(Type.String({ minLength: 1, maxLength: 255 }));

/**
 * The publish is the acceptance: one durable write, and nothing else that could disagree with it.
 * @throws HttpError invalid_request; RetryableError when the purchase could not be made durable.
 */
export async function acceptPurchase(
  request: HttpRequest,
  { eventBus, clock, log }: { readonly eventBus: EventBus; readonly clock: Clock; readonly log: Logger },
): Promise<HttpResponse> {
  const body = validatePurchase(request.body);
  if (!body.valid) throw new HttpError('invalid_request', 'The purchase is not valid', body.issues);
  const { userId, transactionId = '' } = body.value;
  const requestId = requestIdOf({ userId, transactionId, idempotencyKey: idempotencyKeyOf(request) });
  const event = PurchaseReceived.create({
    time: new Date(clock.now()).toISOString(),
    traceparent: request.traceparent,
    data: { requestId, userId, transactionId, communityId: COMMUNITY_ID },
  });
  await PurchaseReceived.publish(eventBus, event);
  log.info({ requestId }, 'purchase accepted');
  return { status: 202, body: { ok: true, status: 'queued', requestId } };
}

function idempotencyKeyOf(request: HttpRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return undefined;
  const key = validateIdempotencyKey(header);
  if (!key.valid) {
    throw new HttpError('invalid_request', 'The Idempotency-Key header is not valid', [
      { path: '/headers/idempotency-key', message: 'must have 1 to 255 characters' },
    ]);
  }
  return key.value;
}
