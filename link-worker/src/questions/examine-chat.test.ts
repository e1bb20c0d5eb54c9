import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { Bots } from '../bots/bots.ts';
import { examineChat } from './examine-chat.ts';
import { listBots } from './list-bots.ts';

const SUPERGROUP = { id: -1001, type: 'supergroup', title: 'Gold' };
const refused = (errorCode: number, description: string, migrateToChatId?: number): TelegramApiError =>
  new TelegramApiError({ errorCode, description, migrateToChatId });
const NOT_FOUND = refused(400, 'Bad Request: chat not found');

type Answers = Readonly<Record<string, unknown>>;

describe('what an operator asks of a chat', () => {
  const closing: (() => Promise<void>)[] = [];
  /** Of each bot by its id, for each method; a function is given the parameters. */
  let answers: Record<string, Answers>;

  beforeEach(() => {
    const administrator = { status: 'administrator', can_invite_users: true, can_restrict_members: true };
    const well = { getChat: SUPERGROUP, getChatMember: administrator, getChatMemberCount: 42 };
    answers = { 7: { ...well, getMe: { username: 'first_bot' } }, 8: { ...well, getMe: { username: 'second_bot' } } };
  });

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  function bots(): Bots {
    const clock = new ManualClock();
    const { backend, close } = openTemporaryBackend(clock);
    closing.push(close);
    const { store, eventBus } = backend;
    const apis = Object.keys(answers).map((botId) => {
      const call = (method: string, parameters: object = {}): Promise<unknown> => {
        const scripted = answers[botId]?.[method];
        const answer = typeof scripted === 'function' ? (scripted as (of: object) => unknown)(parameters) : scripted;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      };
      return [botId, { call, close: () => undefined }] as const;
    });
    const bounds = { adaptive: false, startPerSecond: Infinity, floorPerSecond: 0.02, ceilingPerSecond: 30 };
    return new Bots(
      { apis: new Map(apis), instanceId: 'instance', atOnce: 1, bounds },
      { communities: new KnownCommunities({ store, clock }), store, eventBus, clock, log: silentLog },
    );
  }

  const ofDefault = { ...someCommunity(), communityId: 'default' };
  const communities = { byChat: (chatId: string) => Promise.resolve(chatId === '-1007' ? ofDefault : undefined) };
  const examine = (botIds: readonly string[] = ['7'], chatId = '-1001') =>
    examineChat({ chatId, botIds }, { bots: bots(), communities, chatOfSettings: '-1007' });
  const well = { botId: '7', username: 'first_bot', status: 'administrator', mayInvite: true, mayRestrict: true };

  test('the chat of the settings is refused, also under the id that it had before', async () => {
    answers['7'] = { ...answers['7'], getChat: { ...SUPERGROUP, id: -1007 } };
    await expect(examine(['7'], '-1006')).rejects.toMatchObject({ code: 'chat_of_default' });
  });

  test('no chat is named for "default": that of the settings is looked at', async () => {
    const asked = { getChat: (of: object) => ({ ...SUPERGROUP, id: (of as { chat_id: string }).chat_id }) };
    answers['7'] = { ...answers['7'], ...asked };
    const deps = { bots: bots(), communities, chatOfSettings: '-1007' };
    expect(await examineChat({ botIds: ['7'] }, deps)).toMatchObject({ chatId: '-1007', bots: [well] });
    expect(await examineChat({ botIds: ['9'] }, deps)).toMatchObject({ bots: [{ status: 'unknown_bot' }] });
  });

  test('what the chat is, and what each bot may do there', async () => {
    answers['8'] = { ...answers['8'], getChatMember: { status: 'administrator', can_invite_users: true } };
    expect(await examine(['8', '7', '9'])).toEqual({
      chatId: '-1001',
      title: 'Gold',
      kind: 'supergroup',
      memberCount: 42,
      bots: [
        { botId: '8', username: 'second_bot', status: 'administrator', mayInvite: true, mayRestrict: false },
        well,
        { botId: '9', status: 'unknown_bot', mayInvite: false, mayRestrict: false },
      ],
    });
  });

  test('no bots: the default one; a name leads to the id', async () => {
    expect(await examine([], '@gold_club')).toMatchObject({ chatId: '-1001', bots: [well] });
  });

  test.each([
    ['a channel', 'channel'],
    ['a basic group', 'group'],
    ['a private chat', 'private'],
  ])('%s is told as Telegram calls it', async (_, type) => {
    answers['7'] = { ...answers['7'], getChat: { ...SUPERGROUP, type } };
    expect(await examine()).toMatchObject({ kind: type });
  });

  test.each([
    ['that was never there', NOT_FOUND, 'chat_not_found'],
    ['that was thrown out', refused(403, 'Forbidden: bot was kicked from the supergroup chat'), 'kicked'],
    ['that is not in it', refused(403, 'Forbidden: bot is not a member of the channel chat'), 'left'],
    ['whose token is refused', refused(401, 'Unauthorized'), 'token_refused'],
    ['that is a member only', { status: 'member' }, 'member'],
  ])('a bot %s may do nothing, and another one tells of the chat', async (_, answer, status) => {
    const getChat = answer instanceof Error ? answer : SUPERGROUP;
    answers['7'] = { ...answers['7'], getChat, getChatMember: answer, getChatMemberCount: answer };
    expect(await examine(['7', '8'])).toMatchObject({
      kind: 'supergroup',
      bots: [
        { botId: '7', status, mayInvite: false, mayRestrict: false },
        { botId: '8', mayInvite: true },
      ],
    });
  });

  test('a chat that no bot can see has no kind, and keeps the name by which it was asked for', async () => {
    answers['7'] = { getChat: NOT_FOUND, getChatMember: NOT_FOUND, getChatMemberCount: NOT_FOUND };
    expect(await examine(['7'], '@nowhere')).toMatchObject({ chatId: '@nowhere', kind: undefined });
  });

  test('a group that became a supergroup is looked at under its new id', async () => {
    const moved = refused(400, 'Bad Request: group chat was upgraded to a supergroup chat', -1001);
    const inNewOne = (method: string) => (of: object) =>
      (of as { chat_id: string }).chat_id === '-5' ? moved : answers['8']?.[method];
    answers['7'] = Object.fromEntries(Object.keys(answers['8'] ?? {}).map((method) => [method, inNewOne(method)]));
    expect(await examine(['7'], '-5')).toMatchObject({ chatId: '-1001', kind: 'supergroup' });
  });

  test.each([
    ['no answer', new TelegramCallError('Telegram did not answer getChatMember')],
    ['a pause', new TelegramApiError({ errorCode: 429, description: 'Too Many Requests', retryAfterSeconds: 9 })],
    ['an error of its own', refused(502, 'Bad Gateway')],
  ])('%s of Telegram says nothing of the chat: the question is refused', async (_, silence) => {
    answers['8'] = { ...answers['8'], getChatMember: silence };
    await expect(examine(['7', '8'])).rejects.toMatchObject({ name: 'QuestionRefused', message: /ask again/ });
  });

  test('every bot is listed, the default one first, with what is wrong with it', async () => {
    answers['8'] = { getMe: refused(401, 'Unauthorized') };
    answers['9'] = { getMe: new TelegramCallError('no answer') };
    expect(await listBots(bots())).toEqual({
      bots: [
        { botId: '7', username: 'first_bot', fault: undefined },
        { botId: '8', username: undefined, fault: expect.stringContaining('refuses its token') },
        { botId: '9', username: undefined, fault: 'Telegram did not answer' },
      ],
    });
  });
});
