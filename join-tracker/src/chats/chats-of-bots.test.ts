import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chatCandidates, type ChatCandidate } from '@paid-community/shared/model/communities/chat-candidate.ts';
import { connectionCodeId, connectionCodes } from '@paid-community/shared/model/communities/connection-code.ts';
import { storeOwners } from '@paid-community/shared/model/operations/store-owner.ts';
import { communityEvents, healthChecks } from '@paid-community/shared/model/topics.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { openTracker, OWN_CHAT, type Tracker } from '../testing/open-tracker.ts';

const NEW_CHAT = { id: -1005, title: 'Silver', type: 'supergroup' };
const CODE = 'c0de_'.padEnd(32, 'x');
const BOT = '2';
const DAY_MS = 24 * 3_600_000;

let tracker: Tracker;

beforeEach(async () => {
  tracker = await openTracker();
  const now = new Date(tracker.clock.now()).toISOString();
  await tracker.backend.store.commit([
    createDocument(storeOwners, 'telegram', { kind: 'real', account: '1', place: String(OWN_CHAT) }),
    createDocument(connectionCodes, connectionCodeId(CODE), {
      communityId: 'silver',
      botId: BOT,
      createdAt: now,
      expiresAt: new Date(tracker.clock.now() + 3_600_000).toISOString(),
    }),
  ]);
});
afterEach(() => tracker.close());

function standing(chat: object, status: string, botId = BOT): object {
  const user = { id: Number(botId), is_bot: true, first_name: 'Bot' };
  return {
    update_id: 1,
    my_chat_member: {
      chat,
      from: { id: 9, is_bot: false, first_name: 'Ada' },
      date: 1_767_261_600,
      old_chat_member: { status: 'left', user },
      new_chat_member: { status, user },
    },
  };
}

function message(content: object, chat: object = NEW_CHAT): object {
  const from = { id: 9, is_bot: false, first_name: 'Ada' };
  return { update_id: 2, message: { message_id: 1, date: 1_767_261_600, from, chat, ...content } };
}

async function candidates(): Promise<readonly ChatCandidate[]> {
  const orderBy = { field: 'seenAt', direction: 'ascending' } as const;
  const { documents } = await tracker.backend.store.query({
    collection: chatCandidates,
    where: {},
    orderBy,
    limit: 10,
  });
  return documents.map(({ data }) => data);
}

const offers = (): readonly unknown[] => tracker.eventBus.eventsOn(communityEvents);

describe('a chat of nobody', () => {
  test.each(['supergroup', 'channel', 'group'])(
    'that made a bot its administrator may be connected for a day: a %s',
    async (type) => {
      await tracker.receive(standing({ ...NEW_CHAT, type }, 'administrator'), tracker.handling(), BOT);
      const seenAt = new Date(tracker.clock.now()).toISOString();
      const expiresAt = new Date(tracker.clock.now() + DAY_MS).toISOString();
      // Nobody's name and nobody's id.
      expect(await candidates()).toEqual([
        { chatId: '-1005', botId: BOT, title: 'Silver', kind: type, seenAt, expiresAt },
      ]);
    },
  );

  test('is one for each bot, also for the default one', async () => {
    await tracker.receive(standing(NEW_CHAT, 'administrator'), tracker.handling(), BOT);
    await tracker.receive(standing(NEW_CHAT, 'administrator'), tracker.handling(), BOT);
    await tracker.receive(standing(NEW_CHAT, 'administrator', '1'));
    expect((await candidates()).map(({ botId }) => botId)).toEqual(['1', '2']);
  });

  test.each(['left', 'kicked', 'member', 'restricted'])('is none any more when the bot is %s there', async (status) => {
    await tracker.receive(standing(NEW_CHAT, 'administrator'), tracker.handling(), BOT);
    await tracker.receive(standing(NEW_CHAT, status), tracker.handling(), BOT);
    expect(await candidates()).toEqual([]);
  });

  test.each([
    ['a chat that a community has', { id: OWN_CHAT, title: 'Paid', type: 'supergroup' }],
    ['a private chat', { id: 9, type: 'private' }],
  ])('is not %s', async (_name, chat) => {
    await tracker.receive(standing(chat, 'administrator'));
    expect(await candidates()).toEqual([]);
  });
});

describe('a message', () => {
  test.each([
    ['with the name of the bot', `/start@silver_bot ${CODE}`],
    ['without it', `/start ${CODE}`],
  ])('that brings an open code offers its chat, %s', async (_name, text) => {
    await tracker.receive(message({ text }), tracker.handling(), BOT);
    expect(offers()).toMatchObject([
      {
        id: 'silver.-1005.chat-offered',
        type: 'ChatOffered',
        data: { communityId: 'silver', chatId: '-1005', botId: BOT },
      },
    ]);
  });

  test.each([
    ['by another bot', message({ text: `/start ${CODE}` }), '3'],
    ['by the default bot, which the link was not made for', message({ text: `/start ${CODE}` }), undefined],
    ['in a private chat', message({ text: `/start ${CODE}` }, { id: 9, type: 'private' }), BOT],
    ['with a wrong code', message({ text: `/start ${'y'.repeat(32)}` }), BOT],
    ['with the code among other words', message({ text: `look: /start ${CODE}` }), BOT],
    ['with a code that is none', message({ text: '/start hello' }), BOT],
    ['without a text', message({ new_chat_title: CODE }), BOT],
  ])('offers nothing %s', async (_name, update, botId) => {
    await tracker.receive(update, tracker.handling(), botId);
    expect(tracker.eventBus.published).toEqual([]);
  });

  test('offers nothing once the code has expired, and says so in one line without it', async () => {
    tracker.clock.advance(3_600_001);
    const lines: string[] = [];
    const log = createLogger({ level: 'debug', secrets: [], write: (line) => lines.push(line) });
    await tracker.receive(message({ text: `/start ${CODE}` }), tracker.handling({ log }), BOT);
    expect(offers()).toEqual([]);
    expect(lines).toEqual([expect.stringContaining('unknown_code')]);
    expect(lines.join()).not.toContain(CODE);
  });

  test('that the group became a supergroup has link-worker look at the group', async () => {
    const group = { id: -45, title: 'Friends', type: 'group' };
    await tracker.receive(message({ migrate_to_chat_id: -10045 }, group), tracker.handling(), BOT);
    expect(tracker.eventBus.eventsOn(healthChecks)).toMatchObject([{ data: { chatId: '-45' } }]);
  });
});
