import { expect, test } from '@jest/globals';
import { on, handleByType } from '../../platform/delivery/message-handlers.ts';
import { ManualClock } from '../../platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '../../platform/testing/temporary-backend.ts';
import { purchasesForJoinTracker, purchasesForLinkWorker } from '../../topology.ts';
import { PurchaseRefunded } from './purchase-notes.ts';
import { PurchaseReceived } from './purchase-received.ts';

const fact = { time: '2026-01-01T00:00:00.000Z', traceparent: 't' };
const bought = { requestId: 'r', userId: 'ada', transactionId: '', communityId: 'default' };
const plain = PurchaseReceived.create({ ...fact, data: bought });
const ofMembership = PurchaseReceived.create({ ...fact, data: { ...bought, makesMembership: true } });

test('join-tracker has no delivery of a purchase that makes no membership', async () => {
  const { backend, close } = openTemporaryBackend(new ManualClock());
  const { eventBus, administration } = backend;
  try {
    await PurchaseReceived.publish(eventBus, plain);
    await PurchaseReceived.publish(eventBus, ofMembership);
    const refund = PurchaseRefunded.create({ ...fact, data: { requestId: 'r', refundId: '1' } });
    await PurchaseRefunded.publish(eventBus, refund);
    expect(await administration.bus.backlog(purchasesForLinkWorker)).toMatchObject({ undelivered: 3 });
    expect(await administration.bus.backlog(purchasesForJoinTracker)).toMatchObject({ undelivered: 2 });
  } finally {
    await close();
  }
});

test('one that is delivered all the same, as by a replay, is not wanted', async () => {
  const seen: string[] = [];
  const handle = handleByType({
    subscription: purchasesForJoinTracker,
    handlers: [on(PurchaseReceived, ({ data }) => Promise.resolve(void seen.push(data.requestId)))],
  });
  const message = { messageId: '1', publishTime: new Date(0), deliveryAttempt: 1, data: JSON.stringify(plain) };
  expect(await handle({ ...message, attributes: {} })).toEqual({ outcome: 'not_wanted' });
  expect(await handle({ ...message, attributes: { membership: 'true' } })).toEqual({ outcome: 'acknowledged' });
  expect(seen).toEqual(['r']);
});
