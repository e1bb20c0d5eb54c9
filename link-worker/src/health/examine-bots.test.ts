import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Examination } from '@paid-community/shared/health/answer-health-check.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { environmentCommunity } from '@paid-community/shared/model/communities/default-community.ts';
import { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { Bots } from '../bots/bots.ts';
import { examineBots } from './examine-bots.ts';

const ENVIRONMENT = environmentCommunity({ chatId: '-1001', botId: '7' });

/** A bot that is an administrator of its chat. */
function botApi(botName: string): BotApi {
  const answers: Readonly<Record<string, unknown>> = {
    getMe: { username: botName },
    getChat: { id: -1001 },
    getChatMember: { status: 'administrator', can_invite_users: true },
    getWebhookInfo: { url: '' },
  };
  return { call: (method) => Promise.resolve(answers[method]), close: () => undefined };
}

describe('a look at Telegram', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let bots: Bots;
  const clock = new ManualClock();

  beforeEach(async () => {
    ({ backend, close } = openTemporaryBackend(clock));
    const known = new KnownCommunities({ store: backend.store, clock }, ENVIRONMENT);
    await changeDocument(backend.store, communities, 'gold', () => ({
      ...ENVIRONMENT,
      communityId: 'gold',
      chatId: '-1002',
      botIds: ['8'],
    }));
    bots = new Bots(
      {
        apis: new Map([
          ['7', botApi('first')],
          ['8', botApi('second')],
        ]),
        instanceId: 'instance',
        atOnce: 1,
        bounds: { adaptive: false, startPerSecond: Infinity, floorPerSecond: 0.02, ceilingPerSecond: 30 },
      },
      { store: backend.store, eventBus: backend.eventBus, communities: known, clock, log: silentLog },
    );
    await bots.throttle
      .turns('8', 'link', { communityId: 'gold', callClass: 'purchase' })
      .refused(clock.monotonicMs(), 14 * 24 * 3_600_000);
  });

  afterEach(() => close());

  async function look(chatId?: string): Promise<Examination | undefined> {
    const check = { checkId: 'check-1', scheduled: false, fix: false, chatId };
    return examineBots(check, undefined, [await bots.of('default'), await bots.of('gold')], {
      store: backend.store,
      updates: { by: 'polling' },
      clock,
      log: silentLog,
    });
  }

  test('goes over every bot; the default community keeps the names of its checks', async () => {
    const { findings = [] } = (await look()) ?? {};
    const stateOf = (check: string): unknown => findings.find((finding) => finding.check === check);
    expect(stateOf('bot_token')).toMatchObject({ state: 'ok', meaning: 'The token is that of @first' });
    expect(stateOf('bot_token gold')).toMatchObject({ state: 'ok', meaning: 'The token is that of @second' });
    expect(stateOf('telegram_pause')).toMatchObject({ state: 'ok' });
    expect(stateOf('telegram_pause gold')).toMatchObject({
      state: 'failing',
      meaning: expect.stringContaining('until 2026-01-15T00:00:00.000Z'),
    });
  });

  test.each([
    ['-1002', true],
    ['-1003', false],
  ])('about the chat %s concerns somebody here: %s', async (chatId, isOurs) => {
    expect((await look(chatId)) !== undefined).toBe(isOurs);
  });
});
