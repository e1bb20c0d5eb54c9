import { timingSafeEqual } from 'node:crypto';
import express, { type NextFunction, type Request, type Response } from 'express';
import { Type } from 'typebox';
import { requestIdOf } from '@paid-community/shared/model/purchases/request-id.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { answerParent } from '../processes/answer-parent.ts';
import { ReferenceStore } from '../processes/reference-store.ts';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const validate = compileValidator(
  Type.Object(
    {
      userId: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
      transactionId: Type.Optional(Type.String({ maxLength: 999 })),
    },
    { additionalProperties: false },
  ),
);

// Intake as somebody would write it with Express: the same checks in the same order, the same rows in the same group
// commit.
answerParent(async ({ dataDir, apiKey }: { readonly dataDir: string; readonly apiKey: string }) => {
  const store = new ReferenceStore(dataDir);
  const expected = Buffer.from(`Bearer ${apiKey}`);
  const app = express().disable('x-powered-by');
  app.post(
    '/v1/invite/request',
    (request: Request, response: Response, next: NextFunction) => {
      const given = Buffer.from(request.headers.authorization ?? '');
      if (given.length === expected.length && timingSafeEqual(given, expected)) next();
      else
        response
          .status(401)
          .json({ ok: false, error: { code: 'unauthorized', message: 'A valid API key is required' } });
    },
    express.json({ limit: '64kb', strict: false }),
    async (request: Request, response: Response) => {
      const body = validate(request.body);
      if (!body.valid) {
        response.status(400).json({
          ok: false,
          error: { code: 'invalid_request', message: 'The purchase is not valid', issues: body.issues },
        });
        return;
      }
      const { userId, transactionId = '' } = body.value;
      const requestId = requestIdOf({ userId, transactionId, idempotencyKey: request.get('idempotency-key') });
      const traceparent = TRACEPARENT;
      const event = PurchaseReceived.create({
        requestId,
        time: new Date().toISOString(),
        traceparent,
        data: { requestId, userId, transactionId, communityId: 'default' },
      });
      await store.addPurchase(JSON.stringify({ id: event.id, type: event.type, traceparent }), JSON.stringify(event));
      response.status(202).json({ ok: true, status: 'queued', requestId });
    },
  );
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
});
