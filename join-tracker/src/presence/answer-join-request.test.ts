import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openMemberWorld, START, type MemberWorld } from '../testing/member-world.ts';

const DAY = 24 * 3_600;
const BUYER = 77;
const OTHER = 88;
const YES = `answer-join-request ${BUYER} yes`;
const no = (account: number, reason: string): string => `answer-join-request ${account} no, ${reason}`;

let world: MemberWorld;
beforeEach(async () => {
  world = await openMemberWorld({ entry: 'request' });
  await world.buy(1);
});
afterEach(() => world.close());

/** As it is when the request was approved, by the bot. */
const comesIn = (userId: number, at: number, link?: { readonly invite_link: string }): Promise<void> =>
  world.change(userId, 'left', 'member', at, { by: 1, link });

describe('somebody asks to join by the link of a purchase', () => {
  test('the first account is approved and bound; it is inside when Telegram says so', async () => {
    await world.asks(BUYER, 1, START);
    expect(world.asked()).toEqual([YES]);
    expect(world.taskQueue.tasks.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([
      { communityId: 'gold', chatId: '-1002', telegramUserId: '77', requestedAt: '2026-01-01T00:00:00.000Z' },
    ]);
    expect(await world.membership()).toMatchObject({ telegramUserId: '77', state: 'pending', isAdmitted: false });
    await comesIn(BUYER, START + 2);
    expect(await world.membership()).toMatchObject({ state: 'active', presence: 'inside', isAdmitted: true });
  });

  test('it is approved also when the request comes before the grant', async () => {
    await world.close();
    world = await openMemberWorld({ entry: 'request' });
    await world.makeLink(1);
    await world.asks(BUYER, 1, START);
    await world.asks(OTHER, 1, START);
    expect(world.asked()).toEqual([YES, no(OTHER, 'another_account')]);
  });

  test('one request is answered once, by however many bots and however often it comes', async () => {
    for (const botId of [undefined, '2', '2', undefined]) await world.asks(BUYER, 1, START, botId);
    expect(world.asked()).toEqual([YES]);
    await world.asks(BUYER, 1, START + 60);
    expect(world.asked()).toEqual([YES, YES]);
  });

  const moments: Record<string, () => Promise<unknown>> = {
    'in the same second': () => world.asks(BUYER, 1, START),
    'before the first one is in': () => world.asks(BUYER, 1, START - 10),
    'while the buyer is inside': async () => {
      await world.asks(BUYER, 1, START - 10);
      await comesIn(BUYER, START - 5);
    },
    'after the buyer has left': async () => {
      await world.asks(BUYER, 1, START - 10);
      await comesIn(BUYER, START - 5);
      await world.change(BUYER, 'member', 'left', START - 1);
    },
    'after an administrator has removed the buyer': async () => {
      await world.asks(BUYER, 1, START - 10);
      await comesIn(BUYER, START - 5);
      await world.change(BUYER, 'member', 'kicked', START - 1, { by: 5 });
    },
    'before the buyer, whose account came with the purchase': () => world.buy(2, { telegramUserId: BUYER }),
    'after the end': async () => {
      await world.asks(BUYER, 1, START - 10);
      await comesIn(BUYER, START - 5);
      world.clock.advance(2 * DAY * 1_000);
    },
  };
  test.each(Object.keys(moments))('a second account is declined: %s', async (moment) => {
    await moments[moment]?.();
    await world.asks(OTHER, 1, START);
    expect(world.asked().filter((task) => task.includes(` ${OTHER} `))).toEqual([no(OTHER, 'another_account')]);
    expect((await world.membership())?.telegramUserId).toBe(String(BUYER));
  });

  test('of two at once, by processes that know nothing of each other, one is approved', async () => {
    await Promise.all([10, 11, 12].map((userId) => world.asks(userId, 1, START)));
    expect(world.asked().filter((task) => task.endsWith('yes'))).toHaveLength(1);
    expect(world.asked().filter((task) => task.endsWith('another_account'))).toHaveLength(2);
  });

  test('after the end it is declined with the reason, also before the tick has seen the end', async () => {
    world.clock.advance(2 * DAY * 1_000);
    await world.asks(BUYER, 1, START + 2 * DAY);
    expect(world.asked().filter((task) => task.startsWith('answer'))).toEqual([no(BUYER, 'expired')]);
    expect((await world.membership())?.telegramUserId).toBeUndefined();
  });
});

describe('a person who has paid and is out', () => {
  beforeEach(async () => {
    await world.asks(BUYER, 1, START);
    await comesIn(BUYER, START + 2);
  });
  const asked = (): string[] => world.asked().slice(1);

  test('gets in again by the same link, or by asking without one', async () => {
    await world.change(BUYER, 'member', 'left', START + 60);
    await world.asks(BUYER, 1, START + 70);
    await world.asks(BUYER, undefined, START + 80);
    expect(asked()).toEqual([YES, YES]);
  });

  test('is not let in against an administrator', async () => {
    await world.change(BUYER, 'member', 'kicked', START + 60, { by: 5 });
    await world.asks(BUYER, 1, START + 70);
    await world.asks(BUYER, undefined, START + 80);
    expect(asked()).toEqual([no(BUYER, 'kicked_by_administrator')]);
  });

  test('is let in also by a link of another person’s purchase', async () => {
    await world.sellTo('user-3', 3);
    await world.change(BUYER, 'member', 'left', START + 60);
    await world.asks(OTHER, 3, START + 65);
    await world.asks(BUYER, 3, START + 70);
    expect(asked()).toEqual([`answer-join-request ${OTHER} yes`, YES]);
  });
});

test('a purchase of before its community wanted memberships lets one account in', async () => {
  await world.sellTo('user-9', 9, { membershipId: undefined });
  await world.asks(BUYER, 9, START);
  await world.asks(OTHER, 9, START);
  expect(world.asked()).toEqual([YES, no(OTHER, 'another_account')]);
});

test('a link whose membership was erased lets nobody in', async () => {
  await world.sellTo('user-9', 9);
  world.clock.advance(8 * DAY * 1_000);
  await world.asks(BUYER, 9, START + 8 * DAY);
  expect(world.asked()).toEqual([no(BUYER, 'no_membership')]);
});

test('whom nobody knows, and who asks without a link of ours, is left to the administrators', async () => {
  await world.asks(OTHER, undefined, START);
  await world.asks(OTHER, 9, START);
  await world.asks(OTHER, 1, START, '4');
  expect(world.asked()).toEqual([]);
});
