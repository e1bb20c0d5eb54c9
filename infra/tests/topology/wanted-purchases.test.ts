import { expect, test } from '@jest/globals';
import { on } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import { deliverMessages } from '@paid-community/shared/platform/service/deliver.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import {
  createdLinksForEventEmitter,
  createdLinksForJoinTracker,
  purchasesForJoinTracker,
  purchasesForLinkWorker,
} from '@paid-community/shared/topology.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { PurchaseRefunded } from '@paid-community/shared/model/purchases/purchase-notes.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';

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
  const { handle } = deliverMessages(
    {
      subscription: purchasesForJoinTracker,
      handlers: [on(PurchaseReceived, ({ data }) => Promise.resolve(void seen.push(data.requestId)))],
    },
    { eventBus: new RecordingEventBus(), clock: new ManualClock(), log: silentLog, telemetry: noTelemetry },
  );
  const message = { messageId: '1', publishTime: new Date(0), deliveryAttempt: 1 };
  await handle({ ...message, data: JSON.stringify(plain), attributes: { type: 'PurchaseReceived' } });
  expect(seen).toEqual([]);
  await handle({ ...message, data: JSON.stringify(ofMembership), attributes: { membership: 'true' } });
  expect(seen).toEqual(['r']);
});

test('join-tracker has a delivery of a link only when it is of a membership and expires', async () => {
  const { backend, close } = openTemporaryBackend(new ManualClock());
  const { eventBus, administration } = backend;
  const link = { ...bought, inviteLink: 'https://t.me/+x' };
  const ofMember = { ...link, membershipId: 'm' };
  const linkExpiresAt = '2026-01-02T00:00:00.000Z';
  try {
    for (const data of [link, { ...link, linkExpiresAt }, ofMember, { ...ofMember, linkExpiresAt }])
      await LinkCreated.publish(eventBus, LinkCreated.create({ ...fact, data }));
    expect(await administration.bus.backlog(createdLinksForEventEmitter)).toMatchObject({ undelivered: 4 });
    expect(await administration.bus.backlog(createdLinksForJoinTracker)).toMatchObject({ undelivered: 1 });
  } finally {
    await close();
  }
});
