import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { namedLinks, type NamedLink } from '@paid-community/shared/model/links/named-link.ts';
import { telegramAnswers } from '@paid-community/shared/model/operations/telegram-answer.ts';
import { MakeNamedLink, RevokeNamedLink } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { HttpCallError } from '@paid-community/shared/platform/http-client/http-call-error.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { answerWithCall } from './answer-with-call.ts';
import { makeNamedLink } from './make-named-link.ts';
import { revokeNamedLink } from './revoke-named-link.ts';
import { AskedTelegram } from './testing/asked-telegram.ts';

const LINK = 'https://t.me/+handmade';
const NO_RIGHTS = new TelegramApiError({
  errorCode: 400,
  description: 'Bad Request: not enough rights to manage chat invite link',
});
const pause = (retryAfterSeconds: number): Error =>
  new TelegramApiError({ errorCode: 429, description: 'Too Many Requests', retryAfterSeconds });
const noAnswer = (fault: 'timed_out' | 'never_connected'): Error =>
  new TelegramCallError('Telegram did not answer', { cause: new HttpCallError(fault, 'ETIMEDOUT', 'no answer') });

let telegram: AskedTelegram;
beforeEach(async () => {
  telegram = await AskedTelegram.open();
});
afterEach(() => telegram.close());

type Deps = Parameters<typeof makeNamedLink>[1] & { readonly taskQueue: RecordingTaskQueue };

function deps(store: DocumentStore = telegram.backend.store): Deps {
  const { bots, clock, taskQueue } = telegram;
  return { store, bots, retentionDays: 30, clock, log: silentLog, taskQueue };
}

const asked = { askId: 'ask-1', traceparent: 't' };
const wanted = { ...asked, communityId: 'gold', name: 'Launch party', madeBy: 'ada' };

function make(task: Partial<typeof wanted> & { readonly deferrals?: number } = {}, using = deps()): Promise<void> {
  const question = { ...wanted, memberLimit: 5, linkExpiresAt: '2026-01-02T00:00:00.000Z', ...task };
  return answerWithCall(MakeNamedLink, question, () => makeNamedLink(question, using), using);
}

function revoke(linkId: string, askId = 'ask-2'): Promise<void> {
  const question = { ...asked, askId, linkId, revokedBy: 'bob' };
  return answerWithCall(RevokeNamedLink, question, () => revokeNamedLink(question, deps()), deps());
}

const answerOf = async (askId: string): Promise<unknown> =>
  (await telegram.backend.store.get(telegramAnswers, askId))?.data;
const stored = async (linkId = 'ask-1'): Promise<NamedLink | undefined> =>
  (await telegram.backend.store.get(namedLinks, linkId))?.data;

describe('a link made by hand', () => {
  test('is made as it was asked for, recorded with its bot and its chat, and answered once', async () => {
    telegram.answers = [{ invite_link: LINK }, { invite_link: 'https://t.me/+second' }];
    await make();
    await make();
    expect(telegram.calls).toEqual([
      {
        method: 'createChatInviteLink',
        parameters: { chat_id: '-1001', name: 'Launch party', member_limit: 5, expire_date: 1_767_312_000 },
      },
    ]);
    expect(await stored()).toMatchObject({
      state: 'made',
      botId: '7',
      telegramChatId: '-1001',
      memberLimit: 5,
      madeBy: 'ada',
      inviteLink: LINK,
    });
    expect(await answerOf('ask-1')).toMatchObject({ kind: 'answered', result: { inviteLink: LINK, botId: '7' } });
  });

  test('that has no end is kept for ever, and one with an end as long as the joins through it', async () => {
    telegram.answers = [{ invite_link: LINK }, { invite_link: 'https://t.me/+second' }];
    await make();
    const permanent = { ...wanted, askId: 'ask-3' };
    await answerWithCall(MakeNamedLink, permanent, () => makeNamedLink(permanent, deps()), deps());
    expect(telegram.calls[1]?.parameters).toEqual({ chat_id: '-1001', name: 'Launch party' });
    expect((await stored())?.expiresAt).toBe('2026-02-01T00:00:00.000Z');
    expect((await stored('ask-3'))?.expiresAt).toBeUndefined();
  });

  test('that Telegram refuses leaves nothing behind, and the operator is told what to do', async () => {
    telegram.answers = [NO_RIGHTS];
    await make();
    expect(await stored()).toBeUndefined();
    expect(await answerOf('ask-1')).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/may not make links.*administrator with the right "Invite users via link"/),
    });
  });

  test.each([
    ['no answer came in time', noAnswer('timed_out')],
    ['Telegram has trouble', new TelegramApiError({ errorCode: 502, description: 'Bad Gateway' })],
    ['the answer is none', new TelegramCallError('unreadable', { unreadable: true })],
  ])('may exist when %s: it stays in the list, and its name is told', async (_name, error) => {
    telegram.answers = [error];
    await make();
    expect(await stored()).toMatchObject({ state: 'unconfirmed', name: 'Launch party' });
    expect(await answerOf('ask-1')).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/named "Launch party" may exist.*the bot 7/),
    });
  });

  test('does not exist when nobody was reached', async () => {
    telegram.answers = [noAnswer('never_connected')];
    await make();
    expect(await stored()).toBeUndefined();
  });

  test('whose process died before it was recorded is not made again: the next delivery says how to find it', async () => {
    telegram.answers = [{ invite_link: LINK }, { invite_link: 'https://t.me/+second' }];
    let commits = 0;
    const dying: DocumentStore = {
      get: (collection, id) => telegram.backend.store.get(collection, id),
      query: (query) => telegram.backend.store.query(query),
      count: (query) => telegram.backend.store.count(query),
      commit: (writes) => {
        commits += 1;
        if (commits > 1) throw new RetryableError('died', 'the process died here');
        return telegram.backend.store.commit(writes);
      },
    };
    await expect(make({}, deps(dying))).rejects.toMatchObject({ code: 'died' });
    await make();
    expect(telegram.calls).toHaveLength(1);
    expect(await answerOf('ask-1')).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('named "Launch party"'),
    });
    expect(await stored()).toMatchObject({ state: 'unconfirmed' });
  });

  test('waits in the queue for a turn that is near, three times at most', async () => {
    telegram.answers = [pause(5)];
    await make();
    expect(telegram.taskQueue.tasks).toMatchObject([
      { name: 'ask-1-1', notBefore: new Date(telegram.clock.now() + 5_000) },
    ]);
    await make({ deferrals: 1 });
    expect(telegram.taskQueue.tasks).toMatchObject([{ name: 'ask-1-1' }, { name: 'ask-1-2' }]);
    expect([await answerOf('ask-1'), await stored(), telegram.calls.length]).toEqual([undefined, undefined, 1]);
    await make({ deferrals: 3 });
    expect(await answerOf('ask-1')).toMatchObject({ kind: 'refused', message: expect.stringContaining('Ask again') });
  });

  test('is refused with the time when Telegram has ordered a long pause, and nothing is left behind', async () => {
    telegram.answers = [pause(600)];
    await make();
    expect(await stored()).toBeUndefined();
    expect(await answerOf('ask-1')).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(new Date(telegram.clock.now() + 600_000).toISOString()),
    });
  });

  test('of a community that nobody has connected is refused, not retried', async () => {
    await make({ communityId: 'silver' });
    expect(await answerOf('ask-1')).toMatchObject({ kind: 'refused', code: 'unknown_community' });
  });
});

describe('a link made by hand is revoked', () => {
  beforeEach(async () => {
    telegram.answers = [{ invite_link: LINK }];
    await make();
    telegram.calls.length = 0;
  });

  test.each([
    ['', { is_revoked: true }],
    [
      ', also when it was revoked in Telegram',
      new TelegramApiError({ errorCode: 400, description: 'Bad Request: INVITE_HASH_EXPIRED' }),
    ],
  ])('by the bot that made it%s', async (_name, answer) => {
    telegram.answers = [answer];
    await revoke('ask-1');
    await revoke('ask-1', 'ask-3');
    expect(telegram.calls).toEqual([
      { method: 'revokeChatInviteLink', parameters: { chat_id: '-1001', invite_link: LINK } },
    ]);
    expect(await stored()).toMatchObject({ state: 'revoked', revokedBy: 'bob' });
    expect(await answerOf('ask-3')).toMatchObject({ kind: 'answered', result: { state: 'revoked' } });
  });

  test('not when Telegram refuses: it stays usable', async () => {
    telegram.answers = [NO_RIGHTS];
    await revoke('ask-1');
    expect(await stored()).toMatchObject({ state: 'made' });
    expect(await answerOf('ask-2')).toMatchObject({ kind: 'refused' });
  });

  test('not when there is no such link', async () => {
    await revoke('nobody');
    expect(await answerOf('ask-2')).toMatchObject({ kind: 'refused', code: 'unknown_link' });
    expect(telegram.calls).toEqual([]);
  });
});
