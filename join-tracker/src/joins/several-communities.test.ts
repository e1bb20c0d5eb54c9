import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { storeOwners } from '@paid-community/shared/model/operations/store-owner.ts';
import { memberJoinedEvents } from '@paid-community/shared/model/topics.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { joinUpdate, LINK, LINK_NAME, openTracker, OWN_CHAT, type Tracker } from '../testing/open-tracker.ts';

// The default bot is 1. The community gold is served by the bots 1, 2 and 3; the bot 4 serves nobody.
const GOLD_CHAT = { id: -1002 };
const GOLD_LINK = 'https://t.me/+gold';
const GOLD_ID = '11234567-89ab-8def-8123-456789abcdef';
const GOLD_NAME = GOLD_ID.replaceAll('-', '');
const CUT = 'https://t.me/+go...';
const BUYER = 77;
const AT = '2026-01-01T00:00:00.000Z';

let tracker: Tracker;

beforeEach(async () => {
  tracker = await openTracker();
  await tracker.backend.store.commit([
    createDocument(storeOwners, 'telegram', { kind: 'real', account: '1', place: String(OWN_CHAT) }),
    createDocument(communities, 'gold', someCommunity({ chatId: String(GOLD_CHAT.id), botIds: ['2', '3', '1'] })),
  ]);
  await sell(GOLD_ID, GOLD_LINK);
});
afterEach(() => tracker.close());

async function sell(requestId: string, inviteLink: string, communityId = 'gold'): Promise<void> {
  const purchase = { requestId, communityId, userId: 'user-2', transactionId: 'txn-2', inviteLink };
  await tracker.backend.store.commit([
    createDocument(inviteLinks, inviteLinkId(inviteLink), { ...purchase, createdAt: AT }),
    createDocument(inviteRequests, requestId, {
      ...purchase,
      status: 'DONE',
      attempts: 1,
      createdAt: AT,
      updatedAt: AT,
      linkCreatedAt: AT,
      traceparent: '',
    }),
  ]);
}

const seenByMaker = joinUpdate({ chat: GOLD_CHAT, link: { invite_link: GOLD_LINK, name: GOLD_NAME } });
const seenByName = joinUpdate({ chat: GOLD_CHAT, link: { invite_link: CUT, name: GOLD_NAME } });
const seenWithoutName = joinUpdate({ chat: GOLD_CHAT, link: { invite_link: CUT } });
const seenWithoutLink = joinUpdate({ chat: GOLD_CHAT, link: undefined });

const eventIds = (): Set<unknown> => new Set(tracker.eventBus.eventsOn(memberJoinedEvents).map(({ id }) => id));
const recorded = async (): Promise<unknown> => (await tracker.backend.store.get(joins, GOLD_ID))?.data;

describe('an update counts for the community of its chat', () => {
  test.each([
    ['the bot that made the link', seenByMaker, '2'],
    ['another bot, which sees only its name', seenByName, '3'],
    ['the default bot, which serves it too', seenByMaker, undefined],
  ])('by %s', async (_name, update, botId) => {
    await tracker.receive(update, tracker.handling(), botId);
    expect(tracker.outcomes).toEqual(['tracked']);
    expect(tracker.eventBus.eventsOn(memberJoinedEvents)).toMatchObject([
      { data: { requestId: GOLD_ID, communityId: 'gold' } },
    ]);
  });

  test.each([
    ['a bot that does not serve it', seenByMaker, '4'],
    ['a bot that serves another one', joinUpdate({ link: { invite_link: LINK } }), '2'],
    ['a bot that nobody has named, in a chat of nobody', joinUpdate({ chat: { id: -1009 } }), '4'],
    ['the link of another community', joinUpdate({ chat: GOLD_CHAT, link: { invite_link: LINK } }), '2'],
    ['its own link in the chat of another one', joinUpdate({ link: { invite_link: GOLD_LINK } }), undefined],
  ])('and not by %s: nothing of it is kept', async (_name, update, botId) => {
    await tracker.receive(update, tracker.handling(), botId);
    expect(tracker.outcomes).toEqual(['foreign_chat']);
    expect(tracker.eventBus.published).toEqual([]);
    expect(await tracker.unmatchedOf(BUYER)).toEqual([]);
  });

  test('a link that bears the name of another community’s purchase explains nothing, and is kept as unmatched', async () => {
    await tracker.receive(
      joinUpdate({ chat: GOLD_CHAT, link: { invite_link: CUT, name: LINK_NAME } }),
      tracker.handling(),
      '2',
    );
    expect(await tracker.unmatchedOf(BUYER)).toMatchObject([{ communityId: 'gold', linkName: LINK_NAME }]);
    expect(tracker.eventBus.published).toEqual([]);
  });
});

describe('a join that several bots see', () => {
  const views = [
    ['2', seenByMaker],
    ['3', seenByName],
    ['1', seenWithoutName],
  ] as const;
  const orders = views.flatMap((first) =>
    views.flatMap((second) =>
      views.flatMap((third) => (new Set([first, second, third]).size === 3 ? [[first, second, third]] : [])),
    ),
  );

  test.each(orders.map((order) => [order.map(([botId]) => botId).join(', then '), order] as const))(
    'is one join and one event, and nothing is unmatched: by %s',
    async (_name, order) => {
      const deps = tracker.handling();
      for (const [botId, update] of order) await tracker.receive(update, deps, botId === '1' ? undefined : botId);
      expect(eventIds()).toEqual(new Set([`${GOLD_ID}.member-joined`]));
      expect(await recorded()).toMatchObject({ communityId: 'gold', telegramUserId: String(BUYER) });
      expect(await tracker.unmatchedOf(BUYER)).toEqual([]);
      expect(tracker.outcomes.filter((outcome) => outcome === 'tracked')).toHaveLength(1);
    },
  );

  test('is one also when all of them come at once, by processes that know nothing of each other', async () => {
    for (let times = 0; times < 20; times += 1) {
      const requestId = `${String(times).padStart(8, '0')}-89ab-8def-8123-456789abcdef`;
      const invite_link = `https://t.me/+gold${times}`;
      await sell(requestId, invite_link);
      const joining = { userId: 1_000 + times, chat: GOLD_CHAT };
      const seen = [
        ['2', { invite_link, name: requestId.replaceAll('-', '') }],
        ['3', { invite_link: CUT }],
        [undefined, undefined],
      ] as const;
      await Promise.all(
        seen.map(([botId, link]) => tracker.receive(joinUpdate({ ...joining, link }), tracker.handling(), botId)),
      );
      expect(await tracker.unmatchedOf(joining.userId)).toEqual([]);
    }
    expect(eventIds().size).toBe(20);
  });

  test('and that nothing explains is kept once, with the whole link where one of them saw it', async () => {
    const whole = joinUpdate({ chat: GOLD_CHAT, link: { invite_link: 'https://t.me/+byhand' } });
    const cut = joinUpdate({ chat: GOLD_CHAT, link: { invite_link: 'https://t.me/+by...' } });
    for (const [first, second] of [
      [whole, cut],
      [cut, whole],
    ]) {
      await tracker.receive(first, tracker.handling(), '2');
      await tracker.receive(second, tracker.handling(), '3');
      expect(await tracker.unmatchedOf(BUYER)).toMatchObject([{ inviteLink: 'https://t.me/+byhand' }]);
    }
  });

  test('without any link is kept once', async () => {
    for (const botId of ['2', '3', undefined]) await tracker.receive(seenWithoutLink, tracker.handling(), botId);
    expect(await tracker.unmatchedOf(BUYER)).toHaveLength(1);
  });
});

test('a join in a community that was connected a moment ago is tracked', async () => {
  const deps = tracker.handling();
  await tracker.receive(seenByMaker, deps, '2');
  const silver = { chatId: '-1003', communityId: 'silver', botIds: ['2'] };
  const requestId = GOLD_ID.replace('1', '2');
  await tracker.backend.store.commit([createDocument(communities, 'silver', someCommunity(silver))]);
  await sell(requestId, 'https://t.me/+silver', 'silver');
  const update = joinUpdate({ chat: { id: -1003 }, link: { invite_link: 'https://t.me/+silver' } });
  await tracker.receive(update, deps, '2');
  expect(tracker.outcomes).toEqual(['tracked', 'tracked']);
});

test('a chat that is known costs no read for each update', async () => {
  let reads = 0;
  const store = Object.create(tracker.backend.store, {
    get: {
      value: (...args: Parameters<typeof tracker.backend.store.get>) => (
        (reads += 1),
        tracker.backend.store.get(...args)
      ),
    },
    query: {
      value: (...args: Parameters<typeof tracker.backend.store.query>) => (
        (reads += 1),
        tracker.backend.store.query(...args)
      ),
    },
  }) as typeof tracker.backend.store;
  const deps = tracker.handling({ store });
  const inChat = (id: number, botId: string | undefined) =>
    deps.chats.of({ id }).then((communityId) => deps.chats.servedBy(botId, communityId ?? ''));
  await inChat(GOLD_CHAT.id, '2');
  reads = 0;
  for (let times = 0; times < 100; times += 1) await inChat(GOLD_CHAT.id, '3');
  expect(reads).toBe(0);
});
