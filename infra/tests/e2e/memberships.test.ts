import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { statusOf } from './harness/buyer.ts';
import { callOperator } from './harness/communities.ts';
import { DAY_MS, startMembers, type MembersWorld } from './harness/members-world.ts';
import { closeWorlds } from './harness/world.ts';

afterEach(closeWorlds);

const ASHA = 800_000_001;
const BEN = 800_000_002;
/** Longer than the grace. */
const GRACE_MS = 2 * DAY_MS;

const isOut = (members: MembersWorld, account: number) => (): boolean => !members.gold.isIn(account);

/** The membership of asha is over, and she is out. */
async function goneMember(members: MembersWorld): Promise<string> {
  const requestId = await members.member('asha', ASHA);
  members.pass(30 * DAY_MS + GRACE_MS);
  await members.passUntil(isOut(members, ASHA));
  return requestId;
}

test('who buys comes in, is reminded, has some days of grace, is removed, pays again, and is back', async () => {
  const members = await startMembers();
  await members.member('asha', ASHA);
  const story = ['membership_started', 'telegram_link_created', 'telegram_joined'];
  await eventually(() => expect([...members.told('asha')].sort()).toEqual([...story].sort()));
  const begun = members.told('asha');

  members.pass(27 * DAY_MS);
  await members.expectTold('asha', [...begun, 'membership_expiring']);
  members.pass(2 * DAY_MS);
  await members.expectTold('asha', [...begun, 'membership_expiring', 'membership_expiring']);
  members.pass(DAY_MS);
  const graced = [...begun, 'membership_expiring', 'membership_expiring', 'membership_grace_started'];
  await members.expectTold('asha', graced);
  expect(members.gold.isIn(ASHA)).toBe(true);
  members.pass(GRACE_MS);
  await members.passUntil(isOut(members, ASHA));
  await members.expectTold('asha', [...graced, 'membership_expired', 'member_removed']);

  const user = (): unknown => members.world.webengage.users.get('asha');
  expect(user()).toMatchObject({ membershipStatus: 'expired', telegramUserId: String(ASHA) });

  const again = await members.buy('asha', { transactionId: 'order-2' });
  expect(members.open(await members.linkOf(again), ASHA)).toMatchObject({ ok: true });
  const removed = [...graced, 'membership_expired', 'member_removed'];
  // Each kind of event on its own way.
  const back = ['member_rejoined', 'membership_renewed', 'telegram_joined', 'telegram_link_created'];
  await eventually(() => expect(members.told('asha').slice(removed.length).sort()).toEqual(back));
  expect(members.told('asha').slice(0, removed.length)).toEqual(removed);
  expect(await members.membership('asha')).toMatchObject({ state: 'active', presence: 'inside' });
  expect(user()).toMatchObject({ membershipStatus: 'active' });
});

test('who renews while inside needs no link, and stays to the end of both', async () => {
  const members = await startMembers();
  await members.member('asha', ASHA);
  const links = members.world.telegram.links.size;
  const again = await members.buy('asha', { transactionId: 'order-2' });
  await eventually(async () =>
    expect(await statusOf(members.world.url, again)).toMatchObject({ status: 'NOT_NEEDED' }),
  );
  await eventually(() => members.told('asha').includes('membership_renewed'));
  expect(members.world.telegram.links.size).toBe(links);
  members.pass(59 * DAY_MS);
  await members.passUntil(() => members.told('asha').includes('membership_expiring'));
  expect(members.gold.isIn(ASHA)).toBe(true);
  members.pass(DAY_MS + GRACE_MS);
  await members.passUntil(isOut(members, ASHA));
});

test('who lets the link expire is told so, once; who has used it is not', async () => {
  const members = await startMembers({ linkTtl: 'P1D' });
  await members.member('asha', ASHA);
  await members.linkOf(await members.buy('ben'));
  const begun = ['membership_started', 'telegram_link_created'];
  await eventually(() => expect([...members.told('ben')].sort()).toEqual(begun));
  await eventually(async () => expect((await members.stored('ben'))?.expiringLink).toBeDefined());
  members.pass(DAY_MS);
  await eventually(() => members.told('ben').includes('link_expired_unused'));
  members.pass(DAY_MS);
  await members.expectTold('ben', [...members.told('ben').slice(0, 2), 'link_expired_unused']);
  expect(members.told('asha')).not.toContain('link_expired_unused');
});

test('who asks at the door of a community with requests is let in for a purchase, and nobody else', async () => {
  const members = await startMembers({ entry: 'request' });
  const link = await members.linkOf(await members.buy('asha'));
  expect(members.open(link, ASHA)).toMatchObject({ reason: 'request_sent' });
  const askedAt = performance.now();
  await eventually(() => members.gold.isIn(ASHA));
  expect(performance.now() - askedAt).toBeLessThan(2_000);
  members.open(link, BEN);
  await eventually(() => members.gold.askers.length === 0);
  expect(members.gold.insiders).toEqual([ASHA]);
  await eventually(() =>
    expect(members.told('asha')).toEqual(
      expect.arrayContaining(['join_request_approved', 'join_request_declined', 'telegram_joined']),
    ),
  );
  members.gold.leave(ASHA);
  await eventually(async () => (await members.membership('asha'))['presence'] === 'outside');
  // Telegram tells the second in which somebody asks, and nobody asks twice in one.
  members.pass(1_000);
  members.open(link, ASHA);
  await eventually(() => members.gold.isIn(ASHA));
});

describe('a link that is passed on lets nobody else stay', () => {
  test('before the buyer has used it, when the purchase says which account the buyer has', async () => {
    const members = await startMembers();
    const requestId = await members.buy('asha', { telegramUserId: ASHA });
    const link = await members.linkOf(requestId);
    expect(members.open(link, BEN)).toMatchObject({ ok: true });
    await eventually(isOut(members, BEN));
    await eventually(() => members.told('asha').includes('wrong_person_joined'));
    await members.buy('asha', { telegramUserId: ASHA });
    expect(members.open(await members.linkOf(requestId, link), ASHA)).toMatchObject({ ok: true });
    await eventually(async () => (await members.membership('asha'))['presence'] === 'inside');
    expect(members.gold.insiders).toEqual([ASHA]);
  });

  test('after the buyer has used it, while the buyer is inside, and when the buyer has left', async () => {
    const members = await startMembers();
    const link = await members.linkOf(await members.member('asha', ASHA));
    await eventually(() => members.world.telegram.links.get(link)?.revoked === true);
    expect(members.open(link, BEN)).toEqual({ ok: false, reason: 'revoked' });
    members.gold.leave(ASHA);
    expect(members.open(link, BEN)).toEqual({ ok: false, reason: 'revoked' });
  });

  test('where the link stays: whoever takes the place of a buyer who has left goes out', async () => {
    const members = await startMembers({ revokeAfterJoin: false });
    const link = await members.linkOf(await members.member('asha', ASHA));
    expect(members.open(link, BEN)).toEqual({ ok: false, reason: 'limit_reached' });
    members.gold.leave(ASHA);
    expect(members.open(link, BEN)).toMatchObject({ ok: true });
    await eventually(isOut(members, BEN));
  });

  test('after the end: the link of somebody who was removed opens to nobody', async () => {
    const members = await startMembers({ revokeAfterJoin: false });
    const link = await members.linkOf(await goneMember(members));
    for (const account of [ASHA, BEN]) {
      members.open(link, account);
      await members.passUntil(isOut(members, account));
    }
  });
});

describe('a refund', () => {
  test('of all of it ends the access at once; of a part it does not', async () => {
    const members = await startMembers();
    const requestId = await members.member('asha', ASHA);
    expect(await members.refund(requestId, { amount: '1.00', reason: 'late' })).toMatchObject({ status: 202 });
    members.pass(DAY_MS);
    await eventually(() => members.world.telegram.updates.pendingCount === 0);
    expect(members.gold.isIn(ASHA)).toBe(true);
    expect(await members.refund(requestId)).toMatchObject({ status: 202 });
    await members.passUntil(isOut(members, ASHA));
    await eventually(() => expect(members.told('asha').slice(-2)).toEqual(['membership_revoked', 'member_removed']));
  });

  test('of somebody who has not come in yet: the link opens no more', async () => {
    const members = await startMembers();
    const requestId = await members.buy('asha');
    const link = await members.linkOf(requestId);
    await members.refund(requestId);
    await eventually(() => members.world.telegram.links.get(link)?.revoked === true);
  });
});

describe('nobody is removed', () => {
  test.each(['off', 'dry_run'])('where removal is %s, when the time is over', async (removal) => {
    const members = await startMembers({ removal });
    await members.member('asha', ASHA);
    members.pass(30 * DAY_MS + GRACE_MS);
    await members.passUntil(() => members.told('asha').includes('membership_expired'));
    members.pass(DAY_MS);
    await eventually(() => members.world.telegram.updates.pendingCount === 0);
    expect(members.gold.isIn(ASHA)).toBe(true);
    expect(members.world.telegram.calls.of('unbanChatMember')).toBe(0);
  });

  test('who was there before, or came by the hand of an administrator', async () => {
    const members = await startMembers();
    members.gold.addWithoutLink({ telegramUserId: BEN });
    await goneMember(members);
    members.pass(DAY_MS);
    expect(members.gold.insiders).toEqual([BEN]);
  });

  test('an administrator of the chat: that is told, and only a person can mend it', async () => {
    const members = await startMembers();
    await members.member('asha', ASHA);
    members.gold.promote(ASHA);
    members.pass(30 * DAY_MS + GRACE_MS);
    await members.passUntil(() => members.told('asha').includes('removal_failed'));
    await eventually(async () => {
      const { json } = await callOperator(members.world, 'GET', '/removals?communityId=gold');
      expect(json).toMatchObject({ removals: [{ userId: 'asha', status: 'impossible' }] });
    });
    expect(members.gold.isIn(ASHA)).toBe(true);
  });
});

test('who left while the time is paid for comes back by reporting the purchase again', async () => {
  const members = await startMembers();
  const requestId = await members.member('asha', ASHA);
  const link = await members.linkOf(requestId);
  members.gold.leave(ASHA);
  await eventually(async () => (await members.membership('asha'))['presence'] === 'outside');
  expect(await members.buy('asha')).toBe(requestId);
  expect(members.open(await members.linkOf(requestId, link), ASHA)).toMatchObject({ ok: true });
  await eventually(() => members.told('asha').includes('member_rejoined'));
});

test('whom an administrator threw out stays out: no new link, no approval', async () => {
  const members = await startMembers();
  const requestId = await members.member('asha', ASHA);
  const link = await members.linkOf(requestId);
  members.gold.ban(ASHA);
  await eventually(() => members.told('asha').includes('member_left'));
  const links = members.world.telegram.links.size;
  await members.buy('asha');
  members.pass(DAY_MS);
  await eventually(() => members.world.telegram.updates.pendingCount === 0);
  expect(members.world.telegram.links.size).toBe(links);
  expect(await members.linkOf(requestId)).toBe(link);
  expect(members.world.telegram.calls.of('unbanChatMember')).toBe(0);
});
