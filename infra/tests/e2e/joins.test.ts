import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, buyUntilAccepted, purchaseBodies, statusOf } from './harness/buyer.ts';
import { CHAT_ID } from './harness/credentials.ts';
import { eventsOf, expectPromiseKept, join, linkInMessage } from './harness/promise.ts';
import { storedDocuments } from './harness/stored.ts';
import { joinUpdate, postUpdate, type MemberState } from './harness/telegram-updates.ts';
import { JOINED, linkNameOf, parseEventTime, type Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

async function worldWith(
  count: number,
): Promise<{ world: World; purchases: readonly Purchase[]; links: readonly string[] }> {
  const world = await openWorld();
  await world.start();
  const purchases = await Promise.all(purchaseBodies('join', count).map((body) => buy(world.url, body)));
  return { world, purchases, links: await Promise.all(purchases.map((purchase) => linkInMessage(world, purchase))) };
}

async function deliver(world: World, update: unknown): Promise<void> {
  // The body is empty: Telegram would execute one that names a method.
  expect(await postUpdate(world.url, update)).toMatchObject({ status: 200, text: '{}' });
}

const OUT: readonly MemberState[] = [
  { status: 'left' },
  { status: 'kicked' },
  { status: 'restricted', is_member: false },
];
const IN: readonly MemberState[] = [
  { status: 'member' },
  { status: 'administrator' },
  { status: 'creator' },
  { status: 'restricted', is_member: true },
];

function changes(
  from: readonly MemberState[],
  to: readonly MemberState[],
): { readonly from: MemberState; readonly to: MemberState }[] {
  return from.flatMap((before) => to.map((after) => ({ from: before, to: after })));
}

test('every document of a purchase names its community, and so does a join that nothing explains', async () => {
  const { world, purchases, links } = await worldWith(1);
  await deliver(world, joinUpdate({ userId: 1, link: { invite_link: links[0] ?? '' } }));
  await deliver(world, joinUpdate({ userId: 2 }));
  const joins = purchases.map((purchase) => ({ purchase, telegramUserId: 1 }));
  await expectPromiseKept(world, { purchases, joins });
  expect(await world.process.stop()).toEqual({ code: 0, signal: null });
  const stored = await storedDocuments(world.dataDir);
  const { invite_requests, invite_links, emissions, unmatched_joins } = stored;
  const documents = [...invite_requests, ...invite_links, ...emissions, ...stored.joins, ...unmatched_joins];
  expect(documents.map(({ communityId }) => communityId)).toEqual(Array(6).fill('default'));
});

describe('a change of a member', () => {
  test('from outside to inside is a join, of every kind of either', async () => {
    const wanted = changes(OUT, IN);
    const { world, purchases, links } = await worldWith(wanted.length);
    for (const [index, change] of wanted.entries())
      await deliver(world, joinUpdate({ userId: 100 + index, ...change, link: { invite_link: links[index] ?? '' } }));
    const joins = purchases.map((purchase, index) => ({ purchase, telegramUserId: 100 + index }));
    expect(await expectPromiseKept(world, { purchases, joins })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('that is no way in is no join, though it names a link', async () => {
    const unwanted = [
      ...changes(IN, IN),
      ...changes(IN, OUT),
      ...changes(OUT, OUT),
      { from: { status: 'restricted' }, to: { status: 'restricted' } },
    ];
    const { world, purchases, links } = await worldWith(1);
    const [purchase] = purchases;
    if (purchase === undefined) throw new Error('No purchase');
    for (const [index, change] of unwanted.entries())
      await deliver(world, joinUpdate({ userId: 100 + index, ...change, link: { invite_link: links[0] ?? '' } }));
    // The link is still nobody's: the first real join through it is the one that is reported.
    await deliver(world, joinUpdate({ userId: 999, link: { invite_link: links[0] ?? '' } }));
    expect(await expectPromiseKept(world, { purchases, joins: [{ purchase, telegramUserId: 999 }] })).toEqual({
      orphans: 0,
      repeats: 0,
    });
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    expect(await storedDocuments(world.dataDir)).toMatchObject({
      joins: [{ telegramUserId: '999' }],
      unmatched_joins: [],
    });
  });

  test('of the bot itself is no join', async () => {
    const { world, purchases, links } = await worldWith(1);
    const { chat_member: change } = joinUpdate({ userId: 4_400_000_042, link: { invite_link: links[0] ?? '' } });
    await deliver(world, { update_id: 1, my_chat_member: change });
    await deliver(world, {
      update_id: 2,
      my_chat_member: joinUpdate({ userId: 4_400_000_042, from: { status: 'administrator' } })['chat_member'],
    });
    const last = await buy(world.url, { userId: 'last', transactionId: 't' });
    expect(await expectPromiseKept(world, { purchases: [...purchases, last] })).toEqual({ orphans: 0, repeats: 0 });
    expect(world.process.stdout).toContain('the standing of the bot in a chat changed');
  });
});

describe('a join', () => {
  test('is reported with the time at which Telegram saw it', async () => {
    const { world, purchases, links } = await worldWith(1);
    const date = Math.floor(Date.now() / 1_000) - 7_200;
    await deliver(world, joinUpdate({ userId: 100, date, link: { invite_link: links[0] ?? '' } }));
    await eventually(() => eventsOf(world, JOINED).length === 1);
    expect(parseEventTime(eventsOf(world, JOINED)[0]?.eventTime)).toBe(date * 1_000);
    await eventually(
      async () =>
        (await statusOf(world.url, purchases[0]?.requestId ?? ''))?.joinedAt === new Date(date * 1_000).toISOString(),
    );
  });

  test('of somebody who left and comes back through the same link is reported once', async () => {
    const { world, purchases } = await worldWith(1);
    const [purchase] = purchases;
    if (purchase === undefined) throw new Error('No purchase');
    const joined = await join(world, purchase);
    world.telegram.leave(joined.telegramUserId);
    const again = world.telegram.join({
      inviteLink: await linkInMessage(world, purchase),
      telegramUserId: joined.telegramUserId,
    });
    expect(again.ok).toBe(true);
    expect(await expectPromiseKept(world, { purchases, joins: [joined] })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('of a second person through the place that somebody has left is not reported as the buyer', async () => {
    const { world, purchases } = await worldWith(1);
    const [purchase] = purchases;
    if (purchase === undefined) throw new Error('No purchase');
    const joined = await join(world, purchase);
    const inviteLink = await linkInMessage(world, purchase);
    expect(world.telegram.join({ inviteLink })).toEqual({ ok: false, reason: 'limit_reached' });
    world.telegram.leave(joined.telegramUserId);
    expect(world.telegram.join({ inviteLink }).ok).toBe(true);
    expect(await expectPromiseKept(world, { purchases, joins: [joined] })).toEqual({ orphans: 0, repeats: 0 });
    await eventually(() =>
      world.process.logged('join').some((line) => line['outcome'] === 'repeated' && line['samePerson'] === false),
    );
  });

  test('of somebody restricted, who left and comes back, and is promoted later, is reported once', async () => {
    const { world, purchases } = await worldWith(1);
    const [purchase] = purchases;
    if (purchase === undefined) throw new Error('No purchase');
    const joined = await join(world, purchase);
    world.telegram.restrict(joined.telegramUserId);
    world.telegram.leave(joined.telegramUserId);
    expect(
      world.telegram.join({ inviteLink: await linkInMessage(world, purchase), telegramUserId: joined.telegramUserId })
        .ok,
    ).toBe(true);
    world.telegram.promote(joined.telegramUserId);
    expect(await expectPromiseKept(world, { purchases, joins: [joined] })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('through a link that is shown cut is found by the name of the link', async () => {
    const { world, purchases } = await worldWith(1);
    const [purchase] = purchases;
    if (purchase === undefined) throw new Error('No purchase');
    await deliver(
      world,
      joinUpdate({ userId: 100, link: { invite_link: 'https://t.me/+AbCd...', name: linkNameOf(purchase.requestId) } }),
    );
    expect(await expectPromiseKept(world, { purchases, joins: [{ purchase, telegramUserId: 100 }] })).toEqual({
      orphans: 0,
      repeats: 0,
    });
  });

  test('through the orphan of a crash, while the request has no link yet, does not spread the orphan', async () => {
    const world = await openWorld();
    const fragile = await world.start({ crashAt: { moment: 'before', operation: 'update invite_requests' } });
    const buying = buyUntilAccepted(world.url, { userId: 'quick', transactionId: 't' });
    await fragile.exited;
    // Nobody was told of it, but the administrators of the group see it in their list of links.
    const orphan = [...world.telegram.links.all()][0]?.inviteLink ?? '';
    world.telegram.faults.next('createChatInviteLink', { kind: 'delay', ms: 2_000 });
    await world.start();
    const purchase = await buying;
    await eventually(() => world.telegram.calls.of('createChatInviteLink') === 2);
    expect(world.telegram.join({ inviteLink: orphan }).ok).toBe(true);
    await linkInMessage(world, purchase);
    const last = await buy(world.url, { userId: 'last', transactionId: 't' });
    await linkInMessage(world, last);
    expect(world.webengage.events.filter(({ eventData }) => eventData['inviteLink'] === orphan)).toEqual([]);
  });
});

describe('a join that no purchase explains', () => {
  test('is kept, once, with the reason, and reported to nobody', async () => {
    const { world, purchases } = await worldWith(1);
    const cases = [
      joinUpdate({ userId: 201 }),
      joinUpdate({ userId: 202, link: { invite_link: 'https://t.me/+AbCd...' } }),
      joinUpdate({ userId: 203, link: { invite_link: 'https://t.me/+AbCd...', name: 'Summer campaign' } }),
      joinUpdate({
        userId: 204,
        link: { invite_link: 'https://t.me/+whole_but_not_ours', name: '0123456789abcdef0123456789abcdef' },
      }),
      joinUpdate({
        userId: 205,
        link: { invite_link: '../../invite_requests', name: '../../../../../../../../../../..' },
      }),
    ];
    // Twice each, as Telegram would after a lost answer.
    for (const update of [...cases, ...cases]) await deliver(world, update);
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    const stored = await storedDocuments(world.dataDir);
    expect(stored.joins).toEqual([]);
    const unmatched = [...stored.unmatched_joins].sort(
      (a, b) => Number(a['telegramUserId']) - Number(b['telegramUserId']),
    );
    expect(unmatched).toMatchObject([
      {
        telegramUserId: '201',
        chatId: String(CHAT_ID),
        reason: 'no_link',
        joinedAt: new Date(1_790_000_000_000).toISOString(),
      },
      { telegramUserId: '202', reason: 'unknown_link', inviteLink: 'https://t.me/+AbCd...' },
      { telegramUserId: '203', reason: 'unknown_link', linkName: 'Summer campaign' },
      { telegramUserId: '204', reason: 'unknown_link' },
      { telegramUserId: '205', reason: 'unknown_link' },
    ]);
  });

  test("comes from an administrator's hand or link", async () => {
    const { world, purchases } = await worldWith(1);
    expect(world.telegram.addWithoutLink().ok).toBe(true);
    expect(world.telegram.joinByForeignLink().ok).toBe(true);
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    const stored = await storedDocuments(world.dataDir);
    expect(stored.unmatched_joins.map(({ reason }) => reason).sort()).toEqual(['no_link', 'unknown_link']);
  });
});
