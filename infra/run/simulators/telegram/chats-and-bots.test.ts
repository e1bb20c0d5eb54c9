import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { botCall, CHAT_ID, createLink, startTelegram, type BotAnswer } from '../testing/bot-calls.ts';
import type { SimulatedBot, TelegramSimulator } from './telegram-simulator.ts';

const SECOND = 222;
const CHANNEL = -1_003_000_000_001;
const GROUP = -4_000_001;
const SALES = ['chat_member', 'my_chat_member', 'message'];

let telegram: TelegramSimulator;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  telegram = await startTelegram({
    clock,
    bots: [{ token: '222:second', username: 'second_bot' }],
    chats: [
      { chatId: CHANNEL, title: 'Signals', kind: 'channel', username: 'signals' },
      { chatId: GROUP, title: 'Friends', kind: 'group', bots: [{ botId: SECOND, standing: 'member' }] },
    ],
  });
  for (const bot of telegram.bots) await as(bot, 'getUpdates', { allowed_updates: SALES });
});
afterEach(() => telegram.close());

const as = (bot: SimulatedBot, method: string, parameters: object = {}): Promise<BotAnswer> =>
  botCall({ url: telegram.url, botToken: bot.token }, method, parameters);
const second = (): SimulatedBot => telegram.bot(SECOND);
const told = (bot: SimulatedBot, type: string): unknown[] =>
  bot.updates.pending().flatMap((update) => (type in update ? [update[type]] : []));
const refusal = async (answer: Promise<BotAnswer>): Promise<unknown> => {
  const { status, description } = await answer;
  return `${status} ${String(description)}`;
};

describe('several bots', () => {
  test('each tells itself by getMe, and is known by its own token only', async () => {
    expect((await as(second(), 'getMe')).result).toMatchObject({ id: SECOND, username: 'second_bot' });
    expect((await botCall({ url: telegram.url, botToken: '222:wrong' }, 'getMe')).status).toBe(401);
  });

  test('a link is shown whole to its maker, and cut to another administrator', async () => {
    telegram.chat(CHAT_ID).setBotStanding(SECOND, { rights: ['can_invite_users'] });
    const inviteLink = await createLink(telegram, { name: 'order 1' });
    expect(telegram.join({ inviteLink, telegramUserId: 42 })).toMatchObject({ ok: true });
    const [first] = telegram.bots;
    expect(told(first ?? second(), 'chat_member')).toMatchObject([{ invite_link: { invite_link: inviteLink } }]);
    expect(told(second(), 'chat_member')).toMatchObject([
      { invite_link: { invite_link: `${inviteLink.slice(0, 22)}...`, name: 'order 1', creator: { id: 123456 } } },
    ]);
  });

  test('a bot that is no administrator is told of no join', () => {
    telegram.chat(GROUP).addWithoutLink();
    expect(told(second(), 'chat_member')).toEqual([]);
    telegram.chat(GROUP).setBotStanding(SECOND, 'administrator');
    telegram.chat(GROUP).addWithoutLink();
    expect(told(second(), 'chat_member')).toHaveLength(1);
  });

  test('a link is edited and revoked by its maker alone; what an edit leaves out is reset', async () => {
    telegram.chat(CHAT_ID).setBotStanding(SECOND, 'inviting_administrator');
    const invite_link = await createLink(telegram, { name: 'order 1', member_limit: 1, expire_date: 2_000_000_000 });
    for (const method of ['editChatInviteLink', 'revokeChatInviteLink'])
      expect(await refusal(as(second(), method, { chat_id: CHAT_ID, invite_link }))).toBe(
        '400 Bad Request: INVITE_HASH_EXPIRED',
      );
    await botCall(telegram, 'editChatInviteLink', { chat_id: CHAT_ID, invite_link, member_limit: 2 });
    expect(telegram.links.get(invite_link)).toMatchObject({ name: '', memberLimit: 2, expireDate: 0, revoked: false });
  });

  test('each has its own hidden limit, and its own pause', async () => {
    telegram.chat(CHAT_ID).setBotStanding(SECOND, 'inviting_administrator');
    second().limitLinks(1);
    const make = async (bot: SimulatedBot): Promise<number> =>
      (await as(bot, 'createChatInviteLink', { chat_id: CHAT_ID })).status;
    expect([await make(second()), await make(second())]).toEqual([200, 429]);
    expect(await make(telegram.bot(123456))).toBe(200);
    telegram.pauseLinks(60);
    expect(await make(telegram.bot(123456))).toBe(429);
    clock.advance(60_000);
    expect([await make(second()), await make(telegram.bot(123456))]).toEqual([200, 200]);
    expect(second().calls).toMatchObject({ tooManyRequests: 1, callsDuringStop: 0 });
    expect(telegram.calls).toMatchObject({ tooManyRequests: 2, callsDuringStop: 1 });
  });

  test('a revoked token is refused, and its webhook is gone; the next one works', async () => {
    const before = second().token;
    await as(second(), 'setWebhook', { url: 'http://127.0.0.1:1/' });
    second().revokeToken();
    expect(await refusal(botCall({ url: telegram.url, botToken: before }, 'getMe'))).toBe('401 Unauthorized');
    expect((await as(second(), 'getWebhookInfo')).result).toMatchObject({ url: '' });
    expect((await botCall(telegram, 'getMe')).status).toBe(200);
  });
});

describe('several chats', () => {
  test('a chat is found by its id, a public one by its name, and by a bot that has never been there', async () => {
    expect((await as(second(), 'getChat', { chat_id: '@Signals' })).result).toEqual({
      id: CHANNEL,
      title: 'Signals',
      type: 'channel',
      username: 'signals',
    });
    expect(await refusal(as(second(), 'getChat', { chat_id: CHAT_ID }))).toBe('400 Bad Request: chat not found');
    expect(await refusal(as(second(), 'createChatInviteLink', { chat_id: CHANNEL }))).toBe(
      '403 Forbidden: bot is not a member of the channel chat',
    );
  });

  test('the rights of a bot are those of the chat it asks about', async () => {
    telegram.chat(CHANNEL).setBotStanding(SECOND, { rights: ['can_invite_users', 'can_post_messages'] });
    const standing = (chat_id: number): Promise<BotAnswer> =>
      as(second(), 'getChatMember', { chat_id, user_id: SECOND });
    expect((await standing(CHANNEL)).result).toMatchObject({
      status: 'administrator',
      can_invite_users: true,
      can_restrict_members: false,
      can_post_messages: true,
    });
    expect((await standing(GROUP)).result).toMatchObject({ status: 'member' });
    expect(told(second(), 'my_chat_member')).toMatchObject([
      { chat: { id: CHANNEL }, old_chat_member: { status: 'left' }, new_chat_member: { status: 'administrator' } },
    ]);
  });

  test('a link leads into the chat that it was made for, which counts its members', async () => {
    telegram.chat(CHANNEL).setBotStanding(123456, 'inviting_administrator');
    const inviteLink = await createLink(telegram, { chat_id: CHANNEL });
    telegram.join({ inviteLink, telegramUserId: 42 });
    expect([telegram.chat(CHANNEL).isIn(42), telegram.chat(CHAT_ID).isIn(42)]).toEqual([true, false]);
    // The owner, the bot, the buyer.
    expect((await botCall(telegram, 'getChatMemberCount', { chat_id: CHANNEL })).result).toBe(3);
  });

  test('a group that becomes a supergroup is told by its service messages and a join of the bot', async () => {
    const migrated = telegram.chat(GROUP).migrate();
    expect(told(second(), 'message')).toMatchObject([
      { chat: { id: GROUP, type: 'group' }, migrate_to_chat_id: migrated },
      { chat: { id: migrated, type: 'supergroup' }, migrate_from_chat_id: GROUP },
    ]);
    expect(told(second(), 'my_chat_member')).toMatchObject([
      { chat: { id: migrated }, old_chat_member: { status: 'left' }, new_chat_member: { status: 'member' } },
    ]);
    expect((await as(second(), 'getChat', { chat_id: GROUP })).body).toMatchObject({
      error_code: 400,
      parameters: { migrate_to_chat_id: migrated },
    });
    expect((await as(second(), 'getChat', { chat_id: migrated })).status).toBe(200);
  });

  test('a deleted chat is one that the bot has left', async () => {
    const inviteLink = await createLink(telegram);
    telegram.chat(CHAT_ID).delete();
    telegram.chat(GROUP).delete();
    expect(await refusal(botCall(telegram, 'getChat', { chat_id: CHAT_ID }))).toBe(
      '403 Forbidden: bot is not a member of the supergroup chat',
    );
    expect(await refusal(as(second(), 'getChat', { chat_id: GROUP }))).toBe(
      '403 Forbidden: the group chat was deleted',
    );
    expect(told(second(), 'my_chat_member')).toMatchObject([{ new_chat_member: { status: 'left' } }]);
    expect(telegram.join({ inviteLink })).toEqual({ ok: false, reason: 'unknown_link' });
  });

  test('nobody is invited to a private chat', async () => {
    const { chatId } = telegram.addChat({
      title: 'Asha',
      kind: 'private',
      bots: [{ botId: SECOND, standing: 'member' }],
    });
    expect((await as(second(), 'getChat', { chat_id: chatId })).result).toMatchObject({ type: 'private' });
    expect((await as(second(), 'createChatInviteLink', { chat_id: chatId })).status).toBe(400);
  });

  test('an id or a name that is taken is refused, and so is a bot or chat that nobody made', () => {
    expect(() => telegram.addChat({ chatId: CHAT_ID, title: 'x', kind: 'group' })).toThrow('already');
    expect(() => telegram.addChat({ title: 'x', kind: 'channel', username: 'Signals' })).toThrow('@Signals is taken');
    expect(() => telegram.addBot({ token: '222:other' })).toThrow('already');
    expect(() => telegram.bot(7)).toThrow('no bot 7');
    expect(() => telegram.chat(-7)).toThrow('no chat -7');
  });
});

describe('messages', () => {
  const write = (chat_id: number | string, text = 'hello'): Promise<BotAnswer> =>
    botCall(telegram, 'sendMessage', { chat_id, text });

  test('one a second for a chat, twenty a minute, and another chat is not held up', async () => {
    telegram.chat(CHANNEL).setBotStanding(123456, { rights: ['can_post_messages'] });
    expect([(await write(CHAT_ID)).status, (await write(CHAT_ID)).status, (await write(CHANNEL)).status]).toEqual([
      200, 429, 200,
    ]);
    for (let sent = 1; sent < 20; sent += 1) {
      clock.advance(1_000);
      expect((await write(CHAT_ID)).status).toBe(200);
    }
    clock.advance(1_000);
    expect((await write(CHAT_ID)).body).toMatchObject({ error_code: 429, parameters: { retry_after: 40 } });
    expect(telegram.calls.tooManyMessages).toBe(2);
    expect(telegram.chat(CHAT_ID).messages).toHaveLength(20);
  });

  test('thirty a second for a bot', async () => {
    const chats = Array.from({ length: 31 }, (_, at) =>
      telegram.addChat({
        title: `Chat ${at}`,
        kind: 'supergroup',
        bots: [{ botId: 123456, standing: 'member' }],
      }),
    );
    const statuses: number[] = [];
    for (const { chatId } of chats) statuses.push((await write(chatId)).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(30);
  });

  test('no text, too much text and a channel without the right are refused', async () => {
    expect(await refusal(write(CHAT_ID, ' '))).toBe('400 Bad Request: message text is empty');
    expect(await refusal(write(CHAT_ID, 'x'.repeat(4_097)))).toBe('400 Bad Request: message is too long');
    telegram.chat(CHANNEL).setBotStanding(123456, 'administrator');
    expect(await refusal(write('@signals'))).toContain('not enough rights to send');
  });
});

describe('a tapped connection link', () => {
  test('in a group it makes the bot an administrator with the rights that are left ticked, and sends the code', () => {
    const link = 'https://t.me/second_bot?startgroup=c0de&admin=invite_users+restrict_members';
    telegram.tap({ link, chatId: GROUP });
    expect(told(second(), 'my_chat_member')).toMatchObject([
      {
        chat: { id: GROUP },
        old_chat_member: { status: 'member' },
        new_chat_member: { status: 'administrator', can_invite_users: true, can_restrict_members: true },
      },
    ]);
    expect(told(second(), 'message')).toMatchObject([
      { chat: { id: GROUP }, text: '/start@second_bot c0de', entities: [{ offset: 0, length: 17 }] },
    ]);
    // The command is addressed to one bot.
    expect(told(telegram.bot(123456), 'message')).toEqual([]);
    telegram.chat(CHAT_ID).setBotStanding(SECOND, 'member');
    telegram.tap({ link, chatId: CHAT_ID, rights: ['can_invite_users'] });
    expect(telegram.chat(CHAT_ID).standingOf(SECOND)).toEqual({ rights: ['can_invite_users'] });
  });

  test('in a channel it sends no code', () => {
    telegram.tap({ link: 'https://t.me/second_bot?startchannel&admin=invite_users+post_messages', chatId: CHANNEL });
    expect(telegram.chat(CHANNEL).standingOf(SECOND)).toEqual({ rights: ['can_invite_users', 'can_post_messages'] });
    expect(told(second(), 'message')).toEqual([]);
  });

  test('the code is lost where allowed_updates does not name messages', async () => {
    await as(second(), 'getUpdates', { allowed_updates: ['my_chat_member'] });
    telegram.tap({ link: 'https://t.me/second_bot?startgroup=c0de&admin=invite_users', chatId: GROUP });
    expect([told(second(), 'my_chat_member'), told(second(), 'message')].map(({ length }) => length)).toEqual([1, 0]);
  });

  test.each([
    ['https://t.me/nobody_bot?startgroup=c0de', GROUP, 'no bot @nobody_bot'],
    ['https://t.me/second_bot?startgroup=c0de', CHANNEL, 'asks for a group'],
    ['https://t.me/second_bot?startchannel&admin=invite_users', GROUP, 'asks for a channel'],
    ['https://t.me/second_bot', GROUP, 'startgroup'],
    ['second_bot', GROUP, 'startgroup'],
  ])('%s in %s is refused', (link, chatId, problem) => {
    expect(() => telegram.tap({ link, chatId })).toThrow(problem);
  });
});
