import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { memberJoinedEvents } from '@paid-community/shared/model/topics.ts';
import { openMemberWorld, START, type MemberWorld } from '../testing/member-world.ts';

const DAY = 24 * 3_600;
const BUYER = 77;
const OTHER = 88;

let world: MemberWorld;
beforeEach(async () => {
  world = await openMemberWorld({ wrongPerson: 'remove' });
});
afterEach(() => world.close());

/** Who was told to have joined. */
const joined = (): unknown[] => [
  ...new Set(
    world.eventBus.eventsOn(memberJoinedEvents).map(({ data }) => (data as { telegramUserId: string }).telegramUserId),
  ),
];
const bound = async (): Promise<unknown> => (await world.membership())?.telegramUserId;

describe('the first account that comes by the link of a membership’s purchase', () => {
  test('is bound and inside, the membership becomes active, and the join is told', async () => {
    await world.buy(1);
    await world.joins(BUYER, 1, START);
    expect(await world.membership()).toMatchObject({
      telegramUserId: '77',
      state: 'active',
      presence: 'inside',
      isAdmitted: true,
      effects: [],
    });
    expect(joined()).toEqual(['77']);
    expect(world.asked()).toEqual([]);
  });

  test('is bound also when the update comes before the grant, and the grant finds it', async () => {
    await world.makeLink(1);
    await world.joins(BUYER, 1, START);
    await world.joins(OTHER, 1, START + 5);
    expect(world.told()).toEqual(['WrongPersonJoined']);
    await world.grant(1);
    expect(await world.membership()).toMatchObject({
      telegramUserId: '77',
      state: 'active',
      presence: 'inside',
      endsAt: '2026-01-02T00:00:00.000Z',
    });
  });

  test('is a stranger also before the grant, where another account came with the purchase', async () => {
    await world.makeLink(1, { telegramUserId: BUYER });
    await world.joins(OTHER, 1, START);
    await world.grant(1, { telegramUserId: BUYER });
    expect(await bound()).toBe('77');
    expect(joined()).toEqual([]);
    expect(world.told()).toEqual(['WrongPersonJoined']);
  });

  test('makes the unused links of the other purchases useless', async () => {
    await world.buy(1);
    await world.buy(2);
    await world.joins(BUYER, 2, START);
    expect(world.asked()).toEqual(['revoke-invite-link 1 joined']);
  });

  test('makes its own link useless where the community wants that, again after each return', async () => {
    await world.close();
    world = await openMemberWorld({ revokeAfterJoin: true });
    await world.buy(1);
    await world.joins(BUYER, 1, START);
    await world.change(BUYER, 'member', 'left', START + 60);
    await world.joins(BUYER, 1, START + 120);
    expect(world.asked()).toEqual(['revoke-invite-link 1 joined', 'revoke-invite-link 1 joined']);
    expect(world.told()).toEqual(['MemberLeft', 'MemberRejoined']);
  });

  test('is known once, by however many bots and however often they tell of it', async () => {
    await world.buy(1);
    await world.buy(2);
    for (const botId of [undefined, '2', undefined, '2']) await world.joins(BUYER, 1, START, botId);
    const known = await world.membership();
    expect(known?.history.map(({ what }) => what)).toEqual(['bought', 'bought', 'account bound', 'came in']);
    expect(world.asked()).toEqual(['revoke-invite-link 2 joined']);
  });
});

// The link is good for one person, and each of these is a moment at which its place is free.
describe('a second account that comes by the link is told, removed, and bound to nothing', () => {
  const moments: Record<string, () => Promise<unknown>> = {
    'while the buyer is inside, by a second link': async () => {
      await world.buy(2);
      await world.joins(BUYER, 2, START);
    },
    'after the buyer has left': async () => {
      await world.joins(BUYER, 1, START);
      await world.change(BUYER, 'member', 'left', START + 60);
    },
    'after an administrator has removed the buyer': async () => {
      await world.joins(BUYER, 1, START);
      await world.change(BUYER, 'member', 'kicked', START + 60, { by: 5 });
    },
    'after the time is over': async () => {
      await world.joins(BUYER, 1, START);
      world.clock.advance(3 * DAY * 1_000);
    },
    'before the buyer, whose account came with the purchase': () => world.buy(2, { telegramUserId: BUYER }),
    'in the same second': () => world.joins(BUYER, 1, START + 100),
  };

  test.each(Object.keys(moments))('%s', async (moment) => {
    await world.buy(1);
    await moments[moment]?.();
    const before = joined();
    const asked = world.asked().length;
    for (const botId of [undefined, '2', undefined]) await world.joins(OTHER, 1, START + 100, botId);
    expect(await bound()).toBe('77');
    expect(joined()).toEqual(before);
    expect(world.told().filter((type) => type === 'WrongPersonJoined')).toHaveLength(1);
    expect(world.asked().slice(asked)).toEqual(['revoke-invite-link 1 wrong_person', 'remove-member 88 account']);
  });

  test('each time that it comes', async () => {
    await world.buy(1);
    await world.joins(BUYER, 1, START);
    await world.joins(OTHER, 1, START + 10);
    await world.joins(OTHER, 1, START + 20);
    expect(world.asked().filter((task) => task.startsWith('remove'))).toHaveLength(2);
    expect((await world.membership())?.strangers).toHaveLength(2);
  });

  test('where the community only wants to know: told, and not removed', async () => {
    await world.close();
    world = await openMemberWorld();
    await world.buy(1);
    await world.joins(BUYER, 1, START);
    await world.joins(OTHER, 1, START + 10);
    expect(world.told()).toEqual(['WrongPersonJoined']);
    expect(world.asked()).toEqual([]);
  });

  test('of two that come at once, by processes that know nothing of each other, one is bound', async () => {
    for (const isGranted of [true, false]) {
      await world.close();
      world = await openMemberWorld({ wrongPerson: 'remove' });
      await world.makeLink(1);
      if (isGranted) await world.grant(1);
      await Promise.all([10, 11, 12].map((userId) => world.joins(userId, 1, START)));
      const strangers = (await world.membership())?.strangers?.map(({ telegramUserId }) => telegramUserId);
      expect(new Set([await bound(), ...(strangers ?? [])])).toEqual(new Set(['10', '11', '12']));
      expect(joined()).toEqual([await bound()]);
    }
  });
});

test('a link of long ago, whose membership was erased, makes none anew', async () => {
  await world.makeLink(1);
  world.clock.advance(8 * DAY * 1_000);
  await world.joins(BUYER, 1, START + 8 * DAY);
  expect(await world.membership()).toBeUndefined();
});

test('who comes by a link after the end is bound, and is to be removed', async () => {
  await world.buy(1);
  world.clock.advance(3 * DAY * 1_000);
  await world.joins(BUYER, 1, START + 3 * DAY);
  expect(await world.membership()).toMatchObject({
    telegramUserId: '77',
    state: 'expired',
    presence: 'inside',
    removalState: 'due',
  });
  expect(world.asked()).toEqual(['revoke-invite-link 1 expired']);
});
