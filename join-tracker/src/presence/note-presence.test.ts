import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { removalAnswered } from '@paid-community/shared/model/memberships/account-life.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { joinUpdate } from '../testing/open-tracker.ts';
import { BOT, CHAT, MEMBERSHIP, openMemberWorld, START, type MemberWorld } from '../testing/member-world.ts';

const DAY = 24 * 3_600;
const BUYER = 77;
const ADMINISTRATOR = 5;
const RULES = { timeZone: 'UTC', removal: 'on', disputeSuspends: false } as const;

let world: MemberWorld;
beforeEach(async () => {
  world = await openMemberWorld();
  await world.buy(1);
  await world.joins(BUYER, 1, START);
});
afterEach(() => world.close());

const presence = async (): Promise<unknown> => {
  const { presence: where, departure } = (await world.membership()) ?? {};
  return departure === undefined ? where : `${where}, ${departure}`;
};

describe('a person goes out', () => {
  test.each([
    ['left', 'by leaving', 'left', undefined, 'outside, left', ['MemberLeft']],
    ['kicked', 'banned by an administrator', 'kicked', ADMINISTRATOR, 'outside, kicked', ['MemberLeft']],
    ['left', 'removed by an administrator, or another bot', 'left', ADMINISTRATOR, 'outside, kicked', ['MemberLeft']],
    ['kicked', 'removed by our bot, which tells it itself', 'kicked', BOT, 'outside, removed', []],
    ['kicked', 'removed by another bot of ours', 'kicked', 2, 'outside, removed', []],
  ] as const)('%s: %s', async (_status, _how, status, by, where, told) => {
    await world.change(BUYER, 'member', status, START + 60, { by });
    expect(await presence()).toBe(where);
    expect(world.told()).toEqual(told);
  });

  test('and is told once, however many bots see it and however often', async () => {
    for (const botId of [undefined, '2', '2', undefined])
      await world.change(BUYER, 'member', 'left', START + 60, botId === undefined ? {} : { botId });
    expect(world.told()).toEqual(['MemberLeft']);
  });

  test('and an update of before says nothing any more', async () => {
    await world.change(BUYER, 'member', 'left', START + 60);
    await world.joins(BUYER, 1, START, '2');
    expect(await presence()).toBe('outside, left');
    await world.joins(BUYER, 1, START + 90);
    await world.change(BUYER, 'member', 'left', START + 60, { botId: '2' });
    expect(await presence()).toBe('inside');
    expect(world.told()).toEqual(['MemberLeft', 'MemberRejoined']);
  });

  test('and is banned afterwards: that stands, also when the ban is lifted', async () => {
    await world.change(BUYER, 'member', 'left', START + 60);
    await world.change(BUYER, 'left', 'kicked', START + 90, { by: ADMINISTRATOR });
    await world.change(BUYER, 'kicked', 'left', START + 120, { by: ADMINISTRATOR });
    expect(await presence()).toBe('outside, kicked');
    expect(world.told()).toEqual(['MemberLeft']);
  });

  test('and comes back without a link: it counts, by whoever let the person in', async () => {
    await world.change(BUYER, 'member', 'kicked', START + 60, { by: ADMINISTRATOR });
    await world.change(BUYER, 'left', 'member', START + 90, { by: ADMINISTRATOR });
    expect(await presence()).toBe('inside');
    expect(world.told()).toEqual(['MemberLeft', 'MemberRejoined']);
  });
});

test('a change of rights is no change of presence', async () => {
  await world.change(BUYER, 'member', 'restricted', START + 60, { by: ADMINISTRATOR });
  expect(await presence()).toBe('outside, kicked');
});

test('whoever was removed and comes in again is to be removed again, and a replay changes nothing', async () => {
  world.clock.advance(2 * DAY * 1_000);
  await world.change(BUYER, 'member', 'member', START + 2 * DAY);
  expect(await world.membership()).toMatchObject({ state: 'expired', removalState: 'due' });
  await changeDocument(world.backend.store, memberships, MEMBERSHIP, (known) => {
    // By a clock that is not Telegram's.
    const at = new Date(world.clock.now() + 1_000).toISOString();
    return known && removalAnswered(known, { telegramUserId: String(BUYER), at }, RULES, world.clock.now());
  });
  expect(await world.membership()).toMatchObject({ presence: 'outside', removalState: 'done' });
  await world.joins(BUYER, 1, START, '2');
  await world.change(BUYER, 'member', 'member', START + 2 * DAY, { botId: '2' });
  expect(await world.membership()).toMatchObject({ presence: 'outside', removalState: 'done' });
  await world.joins(BUYER, 1, START + 2 * DAY + 1);
  expect(await world.membership()).toMatchObject({ presence: 'inside', removalState: 'due' });
});

test('an administrator, whom nobody may remove, is to be removed once this is over', async () => {
  await world.change(BUYER, 'member', 'administrator', START + 60, { by: ADMINISTRATOR });
  expect(await presence()).toBe('inside');
  world.clock.advance(2 * DAY * 1_000);
  await world.change(BUYER, 'administrator', 'administrator', START + 2 * DAY, { by: ADMINISTRATOR });
  await changeDocument(world.backend.store, memberships, MEMBERSHIP, (known) => {
    const at = new Date(world.clock.now()).toISOString();
    return (
      known &&
      removalAnswered(
        known,
        { telegramUserId: String(BUYER), at, problem: 'is an administrator' },
        RULES,
        Date.parse(at),
      )
    );
  });
  await world.change(BUYER, 'administrator', 'administrator', START + 2 * DAY + 1, { by: ADMINISTRATOR });
  expect((await world.membership())?.state).toBe('expired');
  expect(await world.membership()).toMatchObject({ removalState: 'impossible' });
  await world.change(BUYER, 'administrator', 'member', START + 2 * DAY + 2, { by: ADMINISTRATOR });
  expect(await world.membership()).toMatchObject({ removalState: 'due' });
});

describe('an update costs', () => {
  function counted(): { readonly store: DocumentStore; readonly calls: string[] } {
    const { store } = world.backend;
    const calls: string[] = [];
    return {
      calls,
      store: {
        get: (collection, id) => (calls.push(`get ${collection.name}`), store.get(collection, id)),
        query: (query) => (calls.push(`query ${query.collection.name}`), store.query(query)),
        count: (query) => (calls.push('count'), store.count(query)),
        commit: (writes) => (calls.push(`commit ${writes.length}`), store.commit(writes)),
      },
    };
  }
  const leaves = (userId: number, chat: { readonly id: number }): object => {
    const fact = joinUpdate({ userId, chat, link: undefined, date: START + 60 })['chat_member'] as Record<
      string,
      object
    >;
    return {
      update_id: 1,
      chat_member: { ...fact, old_chat_member: fact['new_chat_member'], new_chat_member: fact['old_chat_member'] },
    };
  };

  test.each([
    ['in a chat of ours', CHAT],
    ['in a chat of nobody', { id: -1009 }],
  ])('one read, of somebody who is bound to nothing, %s', async (_where, chat) => {
    const { store, calls } = counted();
    const deps = world.handling({ store });
    for (const userId of [900, 901, 902]) await world.receive(leaves(userId, chat), deps);
    expect(calls).toEqual(['query memberships', 'query memberships', 'query memberships']);
  });

  test('a read and no write, when it says what is known', async () => {
    const { store, calls } = counted();
    const deps = world.handling({ store });
    await world.receive(leaves(BUYER, CHAT), deps);
    calls.length = 0;
    await world.receive(leaves(BUYER, CHAT), deps);
    expect(calls).toEqual(['query memberships']);
  });
});

test('an update of a bot that does not serve the community, or of another chat, says nothing', async () => {
  await world.change(BUYER, 'member', 'left', START + 60, { botId: '4' });
  const fact = joinUpdate({ userId: BUYER, chat: { id: -1009 }, date: START + 60 })['chat_member'] as Record<
    string,
    object
  >;
  await world.receive({
    update_id: 1,
    chat_member: { ...fact, old_chat_member: fact['new_chat_member'], new_chat_member: fact['old_chat_member'] },
  });
  expect(await presence()).toBe('inside');
});
