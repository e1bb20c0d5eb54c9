import { expect, test } from '@jest/globals';
import { chatFaults } from './chat-faults.ts';
import type { BotStanding, ExaminedChat } from './chat-standing.ts';

const bot: BotStanding = {
  botId: '111',
  username: 'gold_bot',
  status: 'administrator',
  mayInvite: true,
  mayRestrict: true,
};
const chat: ExaminedChat = { chatId: '-1001', kind: 'supergroup', title: 'Gold', bots: [bot] };
const settings = { botIds: ['111'], removal: 'off' } as const;

test.each([
  ['a private chat', { kind: 'private' }, 'private chat'],
  ['a basic group, with how to convert it', { kind: 'group' }, 'Chat history for new members'],
  ['a bot without a token', { bots: [{ ...bot, status: 'unknown_bot' }] }, 'TELEGRAM_BOT_TOKENS'],
  ['a token that Telegram refuses', { bots: [{ ...bot, status: 'token_refused' }] }, '@BotFather'],
  ['a chat that the bot cannot see', { kind: undefined, bots: [{ ...bot, status: 'chat_not_found' }] }, 'cannot see'],
  ['a bot that is a plain member', { bots: [{ ...bot, status: 'member' }] }, 'no administrator of the chat (member)'],
  ['a bot that was removed', { bots: [{ ...bot, status: 'kicked' }] }, 'no administrator of the chat (kicked)'],
  [
    'a bot that is out, or a chat that is gone',
    { bots: [{ ...bot, status: 'left' }] },
    'or the chat was deleted: then disconnect',
  ],
  [
    'a chat that nobody finds',
    { bots: [{ ...bot, status: 'chat_not_found' }] },
    'or the chat was deleted: then disconnect',
  ],
  ['the right to invite', { bots: [{ ...bot, mayInvite: false }] }, 'can_invite_users'],
  ['a bot that nobody looked at', { bots: [] }, 'not looked at'],
])('%s is a fault', (_, fields, words) => {
  expect(chatFaults({ ...chat, ...fields }, settings)).toEqual([expect.stringContaining(words)]);
});

test('the right to remove people is needed only where people are removed', () => {
  const cannot = { ...chat, bots: [{ ...bot, mayRestrict: false }] };
  expect(chatFaults(cannot, settings)).toEqual([]);
  expect(chatFaults(cannot, { ...settings, removal: 'dry_run' })).toEqual([]);
  expect(chatFaults(cannot, { ...settings, removal: 'on' })).toEqual([expect.stringContaining('can_restrict_members')]);
  expect(chatFaults(cannot, { ...settings, wrongPerson: 'remove' })).toEqual([
    expect.stringContaining('can_restrict_members), which wrongPerson "remove"'),
  ]);
});

test('each of several bots is held against what is needed, and the sentence names the bot', () => {
  const other = { ...bot, botId: '222', username: undefined, mayInvite: false };
  const faults = chatFaults({ ...chat, kind: 'channel', bots: [bot, other] }, { ...settings, botIds: ['111', '222'] });
  expect(faults).toEqual([expect.stringMatching(/^The bot 222 .*can_invite_users/)]);
});
