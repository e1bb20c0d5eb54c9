import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { memberships, membershipIdOf } from '@paid-community/shared/model/memberships/membership.ts';
import { PurchaseDisputed, PurchaseRefunded } from '@paid-community/shared/model/purchases/purchase-notes.ts';
import type { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { openMemberships, type OpenedMemberships } from '../testing/open-memberships.ts';

type Purchase = ReturnType<typeof PurchaseReceived.create>;

let opened: OpenedMemberships;
let first: Purchase;
let other: Purchase;

beforeEach(async () => {
  opened = await openMemberships({ removal: 'on' });
  first = opened.bought({ requestId: 'first', otherRequestIds: ['other'] });
  other = opened.bought({ requestId: 'other', communityId: 'default' });
});

afterEach(() => opened.close());

const refund = (requestId: string): ReturnType<typeof PurchaseRefunded.create> =>
  opened.happens(PurchaseRefunded, { requestId, refundId: 'all' });
const refunds = (): Promise<readonly (number | undefined)[]> =>
  Promise.all(['first', 'other'].map(async (id) => (await opened.grant(id))?.refunds?.length));

const states = (): Promise<readonly unknown[]> =>
  Promise.all(
    ['gold', 'default'].map(async (communityId) => {
      const id = membershipIdOf(communityId, { userId: 'user-1' });
      return (await opened.backend.store.get(memberships, id))?.data.state;
    }),
  );

describe('a purchase of several communities', () => {
  test.each([
    ['after both', ['first', 'other', 'refund']],
    ['between them', ['first', 'refund', 'other']],
    ['between them, the other way round', ['other', 'refund', 'first']],
    ['before both', ['refund', 'first', 'other']],
    ['before both, the other way round', ['refund', 'other', 'first']],
  ])('that is refunded %s gives nothing in any of them', async (_, order) => {
    const events = { first, other, refund: refund('first') };
    for (const again of [1, 2]) {
      for (const name of order) await opened.deliver(events[name as keyof typeof events]);
      expect([again, ...(await refunds()), ...(await states())]).toEqual([again, 1, 1, 'revoked', 'revoked']);
    }
  });

  test('is refunded in all when all happens at once', async () => {
    await Promise.all([first, refund('first'), other].map((event) => opened.deliver(event)));
    expect(await refunds()).toEqual([1, 1]);
  });

  test('is disputed in all', async () => {
    for (const event of [opened.happens(PurchaseDisputed, { requestId: 'first' }), first, other])
      await opened.deliver(event);
    expect(await opened.grant('other')).toMatchObject({ dispute: { state: 'open' } });
  });

  test('keeps the others when one of them alone is refunded', async () => {
    for (const event of [first, other, refund('other')]) await opened.deliver(event);
    expect(await refunds()).toEqual([undefined, 1]);
    expect(await states()).toEqual(['pending', 'revoked']);
  });
});
