import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chatMigrations } from '@paid-community/shared/model/communities/chat-migration.ts';
import { healthReports } from '@paid-community/shared/model/operations/health-report.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { healthChecks, memberJoinedEvents } from '@paid-community/shared/model/topics.ts';
import {
  joinUpdate,
  LINK,
  LINK_NAME,
  openTracker,
  OWN_CHAT,
  PURCHASE,
  type JoinFields,
  type Tracker,
} from '../testing/open-tracker.ts';

const FOREIGN = { id: -1009999999999 };
const STRANGER = 666;
/** What a link of another bot looks like, which anybody may have given any name. */
const NAMED: JoinFields['link'] = { invite_link: 'https://t.me/+AbCd...', name: LINK_NAME };

let tracker: Tracker;
beforeEach(async () => {
  tracker = await openTracker();
});
afterEach(() => tracker.close());

async function migratedTo(chatId: number): Promise<void> {
  await tracker.backend.store.commit([
    createDocument(chatMigrations, String(OWN_CHAT), {
      chatId: String(chatId),
      migratedAt: '2026-01-01T00:00:00.000Z',
    }),
  ]);
}

async function reportedAs(chatId: number): Promise<void> {
  const report = {
    service: 'link-worker',
    checkedAt: '2026-01-01T00:00:00.000Z',
    checkIds: [],
    findings: [],
    facts: { chatId: String(chatId) },
  } as const;
  await tracker.backend.store.commit([createDocument(healthReports, 'link-worker', report)]);
}

describe('a join in another chat', () => {
  test.each([
    ['through a link that bears the name of a request', NAMED],
    ['through a whole link that bears the name of a request', { invite_link: 'https://t.me/+whole', name: LINK_NAME }],
    ['through a link of no name', { invite_link: 'https://t.me/+AbCd...' }],
    ['without a link', undefined],
  ])('%s is acknowledged, counted, and leaves nothing behind', async (_name, link) => {
    const lines: string[] = [];
    const deps = tracker.handling({
      log: createLogger({ level: 'debug', secrets: [], write: (line) => lines.push(line) }),
    });
    expect(await tracker.receive(joinUpdate({ userId: STRANGER, chat: FOREIGN, link }), deps)).toEqual({
      status: 200,
      body: {},
    });
    expect(tracker.outcomes).toEqual(['foreign_chat']);
    expect(tracker.eventBus.published).toEqual([]);
    expect(await tracker.unmatchedOf(STRANGER)).toEqual([]);
    expect(await tracker.backend.store.get(joins, PURCHASE.requestId)).toBeUndefined();
    expect(lines.join()).not.toMatch(/666|1009999999999|t\.me/);
    // The buyer's own join is still the first.
    await tracker.receive(joinUpdate({ userId: 4242 }));
    expect(tracker.eventBus.eventsOn(memberJoinedEvents)).toMatchObject([{ data: { telegramUserId: '4242' } }]);
  });

  test('that has the name of ours, or its id without the sign, is still another', async () => {
    const named = tracker.handling({ chat: '@our_community' });
    for (const chat of [
      { id: -OWN_CHAT },
      { ...FOREIGN, username: 'our_community_' },
      { ...FOREIGN, username: '@our_community' },
    ]) {
      await tracker.receive(joinUpdate({ userId: STRANGER, chat, link: NAMED }), named);
    }
    expect(tracker.outcomes).toEqual(Array(3).fill('foreign_chat'));
  });
});

describe('our chat', () => {
  test('is the one of the setting, by id', async () => {
    await tracker.receive(joinUpdate({ link: NAMED }));
    expect(tracker.eventBus.eventsOn(memberJoinedEvents)).toMatchObject([
      { data: { requestId: PURCHASE.requestId, inviteLink: LINK } },
    ]);
  });

  test.each(['our_community', 'Our_Community'])(
    'is the one of the setting, by username, also written %s',
    async (username) => {
      await tracker.receive(
        joinUpdate({ link: NAMED, chat: { id: -1002, username } }),
        tracker.handling({ chat: '@our_Community' }),
      );
      expect(tracker.outcomes).toEqual(['tracked']);
    },
  );

  test.each([
    ['when the group became a supergroup, and link-worker has followed it', String(OWN_CHAT), () => migratedTo(-1002)],
    [
      'when it has several usernames, and another than that of the setting is in the update',
      '@second_name',
      () => reportedAs(-1002),
    ],
    ['where this service has no such setting', undefined, () => reportedAs(-1002)],
  ])('is known %s', async (_name, chat, learn) => {
    const deps = tracker.handling({ chat });
    const update = joinUpdate({ chat: { id: -1002, username: 'first_name' }, link: NAMED });
    await tracker.receive(update, deps);
    expect(tracker.outcomes).toEqual(['foreign_chat']);
    await learn();
    await tracker.receive(update, deps);
    expect(tracker.outcomes.at(-1)).toBe('tracked');
  });

  test.each([
    ['the new id is not known yet', String(OWN_CHAT)],
    ['this service does not know its chat', undefined],
  ])('a join through the very link that we made counts while %s: a link leads into one chat', async (_name, chat) => {
    await tracker.receive(joinUpdate({ chat: { id: -1002 } }), tracker.handling({ chat }));
    expect(tracker.outcomes).toEqual(['tracked']);
  });
});

describe('the standing of the bot', () => {
  const standing = (id: number): object => ({
    update_id: 1,
    my_chat_member: joinUpdate({ chat: { id }, link: undefined })['chat_member'],
  });

  test('in a private chat is of no concern, and the id of its user goes nowhere', async () => {
    await tracker.receive(standing(STRANGER));
    expect(tracker.eventBus.published).toEqual([]);
  });

  test('in a group is for link-worker to look at, which knows whether the group is ours', async () => {
    await tracker.receive(standing(FOREIGN.id));
    expect(tracker.eventBus.eventsOn(healthChecks)).toMatchObject([{ data: { chatId: String(FOREIGN.id) } }]);
  });
});
