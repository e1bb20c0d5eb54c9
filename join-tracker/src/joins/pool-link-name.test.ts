import { expect, test } from '@jest/globals';
import { documentOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { given, madeAvailable } from '@paid-community/shared/model/links/pool-life.ts';
import { poolLinkId, poolLinks } from '@paid-community/shared/model/links/pool-link.ts';
import { received } from '@paid-community/shared/model/links/receive-purchase.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { Joins } from './joins.ts';

test('the name of a link of the pool leads to the purchase that took it, and to nothing before', async () => {
  const clock = new ManualClock();
  const { backend, close } = openTemporaryBackend(clock);
  const nowMs = clock.now();
  const at = new Date(nowMs).toISOString();
  const name = poolLinkId({ poolId: 'p', shard: 0, sequence: 1 });
  const free = poolLinkId({ poolId: 'p', shard: 0, sequence: 2 });
  const link = madeAvailable({
    communityId: 'default',
    shard: 0,
    sequence: 1,
    inviteLink: 'https://t.me/+a',
    madeAt: at,
  });
  const data = { requestId: 'r1', userId: 'u', transactionId: 't', communityId: 'default' };
  const purchase = PurchaseReceived.create({ time: at, traceparent: '00-c-d-01', data });
  const expiresAt = new Date(nowMs + 1e9).toISOString();
  const taken = given(link, name, received(purchase, expiresAt), { linkTtlMs: undefined, nowMs });
  await backend.store.commit([
    createDocument(poolLinks, name, taken.link),
    createDocument(poolLinks, free, { ...link, sequence: 2, inviteLink: 'https://t.me/+b' }),
    createDocument(inviteRequests, 'r1', documentOf(taken.request)),
  ]);
  const joins = new Joins(backend.store, 400, clock);
  expect(await joins.findByName(name)).toMatchObject({ requestId: 'r1', inviteLink: 'https://t.me/+a' });
  expect(await joins.findByName(free)).toBeUndefined();
  await close();
});
