import { beforeEach, describe, expect, test } from '@jest/globals';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { refundPurchase } from './refund-purchase.ts';

const REQUEST_ID = '636f3c3c-bec7-81cf-a1e9-15c55a037a83';

describe('a refund', () => {
  const clock = new ManualClock();
  let eventBus: RecordingEventBus;

  beforeEach(() => {
    eventBus = new RecordingEventBus();
  });

  async function refund(body: object, requestId = REQUEST_ID): Promise<unknown> {
    const request = { headers: {}, params: { requestId }, query: {}, body, caller: 'shop', traceparent: 't' };
    const { status, body: answer } = await refundPurchase.answerTo(request, { eventBus, clock, log: silentLog });
    return { status, ...(answer as object) };
  }

  const ids = (): readonly unknown[] => eventBus.eventsOn(purchaseEvents).map(({ id }) => id);

  test('is answered once it is published, with or without its purchase', async () => {
    const answer = { status: 202, ok: true, requestId: REQUEST_ID, refundId: expect.stringMatching(/^[0-9a-f]{32}$/) };
    expect(await refund({ amount: '12.50', reason: 'late' })).toEqual(answer);
    expect(eventBus.eventsOn(purchaseEvents)).toMatchObject([
      { type: 'PurchaseRefunded', source: 'intake-service', data: { amount: '12.50', reason: 'late' } },
    ]);
    await refund({});
    expect(Object.keys((eventBus.eventsOn(purchaseEvents)[1] ?? {})['data'] as object)).toEqual([
      'requestId',
      'refundId',
    ]);
  });

  test('again is the same event, and another amount or reason is another one', async () => {
    await refund({});
    await refund({});
    await refund({ amount: '12.5', reason: 'late' });
    clock.advance(1_000);
    await refund({ amount: '12.500', reason: 'late' });
    await refund({ amount: '125', reason: 'late' });
    await refund({ amount: '1250', reason: 'late' });
    await refund({ amount: '12.5' });
    await refund({ reason: 'late' });
    const [whole, wholeAgain, part, partAgain, ...others] = ids();
    expect([wholeAgain, partAgain]).toEqual([whole, part]);
    expect(new Set([whole, part, ...others]).size).toBe(6);
  });

  test('that could not be made durable is not acknowledged', async () => {
    eventBus.failNext = new RetryableError('storage_full', 'no space');
    await expect(refund({})).rejects.toMatchObject({ code: 'storage_full' });
  });

  test.each([
    ['a number', { amount: 12.5 }, '/amount', 'string'],
    ['a comma', { amount: '12,50' }, '/amount', 'decimal text'],
    ['a currency', { amount: '12.50 INR' }, '/amount', 'decimal text'],
    ['less than nothing', { amount: '-1' }, '/amount', 'decimal text'],
    ['nothing', { amount: '0.00' }, '/amount', 'more than nothing'],
    ['an empty amount', { amount: '' }, '/amount', 'decimal text'],
    ['a reason that is too long', { reason: 'x'.repeat(501) }, '/reason', 'at most 500'],
    ['half a character as reason', { reason: '\ud83d' }, '/reason', 'Unicode'],
    ['a misspelt field', { ammount: '1' }, '', 'allowed are'],
  ])('of %s is refused with its path and what would be right', async (_, body, path, words) => {
    await expect(refund(body)).rejects.toMatchObject({
      code: 'invalid_request',
      issues: [{ path, message: expect.stringContaining(words) }],
    });
    expect(eventBus.published).toEqual([]);
  });

  test('without a body is told what to send', async () => {
    await expect(refund(undefined as never)).rejects.toMatchObject({ message: expect.stringContaining('{}') });
  });

  test.each(['unknown', 'txn_abc', REQUEST_ID.toUpperCase()])(
    'of "%s", which no purchase has, is refused',
    async (id) => {
      await expect(refund({}, id)).rejects.toMatchObject({ code: 'invalid_request', issues: [{ path: '/requestId' }] });
    },
  );
});
