import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { linkAskedFor, linkConfirmed, linkRevoked, namedLinks } from '@paid-community/shared/model/links/named-link.ts';
import { telegramAnswers } from '@paid-community/shared/model/operations/telegram-answer.ts';
import { MakeNamedLink, SendTestMessage } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import { openOperator, type Operator } from '../../testing/open-operator.ts';

const WANTED = { communityId: 'gold', botId: '7', name: 'Launch party', memberLimit: 5, madeBy: 'ada' };

let operator: Operator;

beforeEach(async () => {
  operator = openOperator();
  await operator.backend.store.commit([
    createDocument(communities, 'gold', someCommunity()),
    createDocument(communities, 'new', { ...someCommunity(), communityId: 'new', state: 'waiting' }),
  ]);
});

afterEach(() => operator.close());

const made = (link: string, at = operator.clock.now()): ReturnType<typeof linkConfirmed> =>
  linkConfirmed(linkAskedFor(WANTED, at, 30), { inviteLink: link, chatId: '-1001' }, 30);

/** What link-worker answers to the next question. */
function answers(answerTo: (task: OutgoingTask) => object): void {
  const enqueue = operator.taskQueue.enqueue.bind(operator.taskQueue);
  operator.taskQueue.enqueue = async (queue, task) => {
    const answer = { askId: task.name, answeredAt: '', expiresAt: '2026-02-01T00:00:00.000Z', ...answerTo(task) };
    await operator.backend.store.commit([createDocument(telegramAnswers, task.name, answer as never)]);
    return enqueue(queue, task);
  };
}

const answered = (result: object): object => ({ kind: 'answered', result });

describe('a link made by hand', () => {
  test.each([
    ['for one person, when nothing else is said', {}, { memberLimit: 1 }],
    ['for as many as it says', { memberLimit: 99_999 }, { memberLimit: 99_999 }],
    ['without a limit and without an end', { unlimited: true }, {}],
  ])('is asked for %s', async (_name, input, wanted) => {
    let task: ReturnType<typeof MakeNamedLink.parse> | undefined;
    answers(({ payload }) => {
      task = MakeNamedLink.parse(payload);
      return answered(made('https://t.me/+made'));
    });
    const { link } = await operator.call<{ link: object }>('communities.links.make', { communityId: 'gold', ...input });
    expect(link).toMatchObject({ state: 'usable', inviteLink: 'https://t.me/+made', botId: '7' });
    const { name, traceparent, askId, ...rest } = task ?? {};
    expect(rest).toEqual({ type: 'make-named-link', communityId: 'gold', madeBy: 'ada', ...wanted });
    expect([name, traceparent, askId]).toEqual([
      expect.stringMatching(/^by hand [0-9a-f]{8}$/),
      't',
      expect.any(String),
    ]);
  });

  test.each([
    ['2027-01-01T00:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['2027-01-01T00:00:00.1234567Z', '2027-01-01T00:00:00.123Z'],
    ['2027-01-01T05:30:00+05:30', '2027-01-01T00:00:00.000Z'],
  ])('may end at %s, which is kept as %s', async (expiresAt, kept) => {
    answers(() => answered(made('https://t.me/+made')));
    await operator.call('communities.links.make', { communityId: 'gold', expiresAt });
    expect(JSON.parse(operator.taskQueue.tasks[0]?.payload ?? '')).toMatchObject({ linkExpiresAt: kept });
  });

  test.each(['tomorrow', '2027-01-01', '2027-01-01T00:00:00', '2027-02-30T00:00:00Z', '2027-01-01T00:00:00+25:00'])(
    'that is to end at "%s" is refused, with a time that would be right',
    async (expiresAt) => {
      const refusal = operator.call('communities.links.make', { communityId: 'gold', expiresAt });
      const message = expect.stringMatching(/^must be a time (of RFC 3339, such as 2027|that the calendar has)/);
      await expect(refusal).rejects.toMatchObject({
        issues: expect.arrayContaining([{ path: '/expiresAt', message }]),
      });
    },
  );

  test.each([
    ['a limit, and none', { memberLimit: 1, unlimited: true }, '/unlimited'],
    ['an end that is over', { expiresAt: '2025-12-31T23:59:59.999Z' }, '/expiresAt'],
    ['an end after the time that Telegram can tell', { expiresAt: '2038-01-19T03:14:08.000Z' }, '/expiresAt'],
    ['a name of 33 characters', { name: 'x'.repeat(33) }, '/name'],
    ['a name of blanks', { name: '  ' }, '/name'],
    ['a name with a line break', { name: 'a\nb' }, '/name'],
    ['the name of a request', { name: '0123456789ab4def8123456789abcdef' }, '/name'],
    ['nobody', { memberLimit: 0 }, '/memberLimit'],
    ['more people than Telegram takes', { memberLimit: 100_000 }, '/memberLimit'],
    ['a field that there is not', { limit: 3 }, '/limit'],
  ])('with %s is refused by the name of the field', async (_name, input, path) => {
    const refusal = operator.call('communities.links.make', { communityId: 'gold', ...input });
    await expect(refusal).rejects.toMatchObject({ code: 'invalid_request', issues: [{ path }] });
    expect(operator.taskQueue.tasks).toEqual([]);
  });

  test('is refused in the words of link-worker', async () => {
    answers(() => ({ kind: 'refused', code: 'telegram_400', message: 'The bot may not make links' }));
    await expect(operator.call('communities.links.make', { communityId: 'gold' })).rejects.toMatchObject({
      code: 'conflict',
      message: 'The bot may not make links',
    });
  });

  test('and a test message go to default, also after its settings were changed; not once it is disconnected', async () => {
    answers(({ payload }) =>
      answered(
        payload.includes('send-test-message')
          ? { botId: '7', chatId: '-1001', messageId: '5' }
          : made('https://t.me/+made'),
      ),
    );
    const both = async (): Promise<void> => {
      await operator.call('communities.links.make', { communityId: 'default' });
      await operator.call('communities.test-message', { communityId: 'default' });
    };
    await both();
    await operator.call('communities.change', { communityId: 'default', poolSize: 4 });
    await both();
    await operator.call('communities.disconnect', { communityId: 'default' });
    await expect(both()).rejects.toMatchObject({ code: 'conflict' });
  });

  test.each([
    ['nobody has connected', 'silver', 'not_found'],
    ['still waits for its chat', 'new', 'conflict'],
  ])('of a community that %s is refused, and so is a test message', async (_name, communityId, code) => {
    for (const action of ['communities.links.make', 'communities.test-message'])
      await expect(operator.call(action, { communityId })).rejects.toMatchObject({ code });
    expect(operator.taskQueue.tasks).toEqual([]);
  });
});

describe('the links made by hand', () => {
  test('are listed in pages, newest first, each with what it is worth', async () => {
    const { clock, backend } = operator;
    const expired = { ...WANTED, linkExpiresAt: '2026-01-01T00:00:01.000Z', name: 'expired' };
    const at = (seconds: number): number => clock.now() + seconds * 1_000;
    await backend.store.commit([
      createDocument(namedLinks, 'a', linkAskedFor({ ...WANTED, name: 'lost' }, at(0), 30)),
      createDocument(
        namedLinks,
        'b',
        linkConfirmed(linkAskedFor(expired, at(1), 30), { inviteLink: 'https://t.me/+b', chatId: '-1001' }, 30),
      ),
      createDocument(
        namedLinks,
        'c',
        linkRevoked(made('https://t.me/+c', at(2)), { revokedBy: 'bob', now: at(3) }, 30),
      ),
      createDocument(namedLinks, 'd', made('https://t.me/+d', at(4))),
      createDocument(namedLinks, 'e', { ...made('https://t.me/+e', at(5)), communityId: 'other' }),
    ]);
    clock.advance(10_000);
    const list = (input: object): Promise<{ links: { state: string }[]; nextCursor?: string }> =>
      operator.call('communities.links.list', { communityId: 'gold', ...input });
    const bought = { requestId: 'r', communityId: 'gold', userId: 'u', transactionId: 't', madeOn: '2026-01-01' };
    await backend.store.commit([
      createDocument(inviteLinks, 'l', {
        ...bought,
        inviteLink: 'https://t.me/+l',
        createdAt: '2026-01-01T00:00:00.000Z',
      }),
    ]);
    const first = await list({ limit: 3 });
    expect(first).toMatchObject({ linksToday: 1 });
    const second = await list({ limit: 3, cursor: first.nextCursor });
    expect([...first.links, ...second.links].map(({ state }) => state)).toEqual([
      'usable',
      'revoked',
      'expired',
      'unconfirmed',
    ]);
    expect(second.nextCursor).toBeUndefined();
  });

  test('of a community that there is not are not listed', async () => {
    const list = (communityId: string): Promise<object> => operator.call('communities.links.list', { communityId });
    await expect(list('nope')).rejects.toMatchObject({ code: 'not_found' });
    expect(await list('default')).toMatchObject({ links: [] });
  });

  test('are revoked by their link, once; that of a purchase or of another community is not one', async () => {
    const { backend, clock, taskQueue } = operator;
    const link = made('https://t.me/+d');
    await backend.store.commit([createDocument(namedLinks, 'd', link)]);
    answers(() => answered(linkRevoked(link, { revokedBy: 'ada', now: clock.now() }, 30)));
    const revoke = (communityId: string, inviteLink: string): Promise<object> =>
      operator.call('communities.links.revoke', { communityId, inviteLink });
    expect(await revoke('gold', 'https://t.me/+d')).toMatchObject({ link: { state: 'revoked', revokedBy: 'ada' } });
    expect(JSON.parse(taskQueue.tasks[0]?.payload ?? '')).toMatchObject({ linkId: 'd', revokedBy: 'ada' });
    for (const [communityId, inviteLink] of [
      ['other', 'https://t.me/+d'],
      ['gold', 'https://t.me/+bought'],
    ] as const)
      await expect(revoke(communityId, inviteLink)).rejects.toMatchObject({ code: 'not_found' });
    expect(taskQueue.tasks).toHaveLength(1);
  });
});

describe('a test message', () => {
  test('has a text of its own, or the given one, of 4,096 UTF-16 units at most', async () => {
    const texts: string[] = [];
    answers(({ payload }) => {
      texts.push(SendTestMessage.parse(payload).text);
      return answered({ botId: '7', username: 'gold_bot', chatId: '-1001', messageId: '5' });
    });
    const longest = '😀'.repeat(2_048);
    for (const text of [undefined, longest, '<b>&amp;</b>\n*x*'])
      expect(await operator.call('communities.test-message', { communityId: 'gold', text })).toEqual({
        botId: '7',
        username: 'gold_bot',
        chatId: '-1001',
        messageId: '5',
      });
    expect(texts).toEqual([expect.stringContaining('Test message'), longest, '<b>&amp;</b>\n*x*']);
  });

  test.each([
    ['one unit too long, though short in characters', `${'😀'.repeat(2_048)}x`],
    ['empty', ''],
    ['of blanks', ' \n\t '],
    ['of signs that nobody sees', '\u200b\u2060'],
    ['with half an emoji', 'a\ud83d'],
  ])('that is %s is refused by the name of its field', async (_name, text) => {
    const refusal = operator.call('communities.test-message', { communityId: 'gold', text });
    await expect(refusal).rejects.toMatchObject({ code: 'invalid_request', issues: [{ path: '/text' }] });
  });
});
