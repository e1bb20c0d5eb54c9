import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { removalAnswered } from '@paid-community/shared/model/memberships/account-life.ts';
import { cameByLink } from '@paid-community/shared/model/memberships/membership-entry.ts';
import { changeMembership } from '@paid-community/shared/memberships/change-membership.ts';
import { LIFETIME } from '@paid-community/shared/model/plans/plan.ts';
import { PurchaseRefunded } from '@paid-community/shared/model/purchases/purchase-notes.ts';
import { membershipEvents } from '@paid-community/shared/model/topics.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import { stepDue } from '../ticks/step-due.ts';
import { DAY_MS, MEMBERSHIP_ID, openMemberships, type OpenedMemberships } from '../testing/open-memberships.ts';

let opened: OpenedMemberships;

beforeEach(async () => {
  opened = await openMemberships();
});

afterEach(() => opened.close());

const iso = (ms: number): string => new Date(ms).toISOString();

/** A link of now, which expires a day later. */
function linkOf(requestId: string): DomainEvent<unknown> {
  const of = { requestId, userId: 'user-1', transactionId: 'txn', inviteLink: 'https://t.me/+x', communityId: 'gold' };
  const linkExpiresAt = iso(opened.clock.now() + DAY_MS);
  return opened.happens(LinkCreated, { ...of, membershipId: MEMBERSHIP_ID, linkExpiresAt });
}

async function pass(ms: number): Promise<void> {
  opened.clock.advance(ms);
  await stepDue(opened.work, () => false);
}

async function comesIn(telegramUserId: string, requestId: string): Promise<void> {
  const at = iso(opened.clock.now());
  const entry = { telegramUserId, requestId, at, otherRequests: [], revokesLink: false, removesStrangers: false };
  await changeMembership(
    MEMBERSHIP_ID,
    (known, rules) => (known === undefined ? undefined : cameByLink(known, entry, rules, opened.clock.now())),
    'gold',
    '',
    opened.work,
  );
}

async function goesOut(telegramUserId: string): Promise<void> {
  const answer = { telegramUserId, at: iso(opened.clock.now()) };
  await changeMembership(
    MEMBERSHIP_ID,
    (known, rules) => (known === undefined ? undefined : removalAnswered(known, answer, rules, opened.clock.now())),
    'gold',
    '',
    opened.work,
  );
}

const unused = (): readonly unknown[] =>
  opened.eventBus
    .eventsOn(membershipEvents)
    .flatMap(({ type, time, data }) => (type === 'LinkExpiredUnused' ? [{ time, data }] : []));

describe('the link of a membership', () => {
  test('that expires before anybody has come in is told once, also when its event comes again', async () => {
    await opened.deliver(opened.bought());
    const link = linkOf('request-1');
    await opened.deliver(link);
    expect(await opened.membership()).toMatchObject({ dueAt: iso(opened.clock.now() + DAY_MS) });
    await pass(DAY_MS - 1);
    expect(unused()).toEqual([]);
    await pass(1);
    const at = iso(opened.clock.now());
    expect(unused()).toMatchObject([{ time: at, data: { membershipId: MEMBERSHIP_ID, requestId: 'request-1' } }]);
    await opened.deliver(link);
    await pass(DAY_MS);
    expect(unused()).toHaveLength(1);
    expect(await opened.membership()).toMatchObject({ state: 'pending', effects: [] });
  });

  test('of a purchase without an end is told, too, and then nothing is due', async () => {
    await opened.deliver(opened.bought({ period: LIFETIME }));
    await opened.deliver(linkOf('request-1'));
    await pass(DAY_MS);
    expect(unused()).toHaveLength(1);
    expect((await opened.membership())?.dueAt).toBeUndefined();
  });

  test.each(['77', '78'])('by which the account %s came is not told, also when it is out again', async (account) => {
    await opened.deliver(opened.bought({ telegramUserId: '77' }));
    await opened.deliver(linkOf('request-1'));
    await comesIn(account, 'request-1');
    await goesOut(account);
    await pass(2 * DAY_MS);
    expect(unused()).toEqual([]);
  });

  test('that another one replaces is not told; the other one is', async () => {
    await opened.deliver(opened.bought());
    const first = linkOf('request-1');
    await opened.deliver(first);
    opened.clock.advance(DAY_MS / 2);
    await opened.deliver(linkOf('request-1'));
    await opened.deliver(first);
    await pass(DAY_MS / 2);
    expect(unused()).toEqual([]);
    await pass(DAY_MS / 2);
    expect(unused()).toHaveLength(1);
  });

  test('that is made for somebody who came in and went out is told', async () => {
    await opened.deliver(opened.bought({ telegramUserId: '77' }));
    await comesIn('77', 'request-1');
    opened.clock.advance(60_000);
    await goesOut('77');
    await opened.deliver(linkOf('request-1'));
    await pass(DAY_MS);
    expect(unused()).toHaveLength(1);
  });

  test('whose purchase was taken back is not told', async () => {
    await opened.deliver(opened.bought());
    await opened.deliver(opened.bought());
    await opened.deliver(linkOf('request-2'));
    await opened.deliver(opened.happens(PurchaseRefunded, { requestId: 'request-2', refundId: 'all' }));
    await pass(2 * DAY_MS);
    expect((await opened.membership())?.state).toBe('pending');
    expect(unused()).toEqual([]);
  });

  test('that comes before its purchase waits for it', async () => {
    const purchase = opened.bought();
    const link = linkOf('request-1');
    await expect(opened.deliver(link)).rejects.toMatchObject({ code: 'membership_not_made' });
    await opened.deliver(purchase);
    await opened.deliver(link);
    expect(await opened.membership()).toMatchObject({ expiringLink: { requestId: 'request-1' } });
  });

  test('without a membership waits no longer than its purchase may take', async () => {
    const link = linkOf('request-1');
    opened.clock.advance(3_600_000);
    await opened.deliver(link);
    expect(await opened.membership()).toBeUndefined();
  });
});
