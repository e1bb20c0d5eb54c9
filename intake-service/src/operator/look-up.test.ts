import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joins, unmatchedJoins } from '@paid-community/shared/model/memberships/join.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { openOperator, REQUEST, type Operator } from './testing/open-operator.ts';

const { requestId } = REQUEST;

interface Story {
  readonly timeline: readonly { readonly at: string; readonly what: string; readonly detail?: string }[];
}

interface Found {
  readonly requests: readonly { readonly requestId: string }[];
  readonly unmatchedJoins?: readonly object[];
  readonly nextCursor?: string;
}

let operator: Operator;
beforeEach(() => {
  operator = openOperator();
});
afterEach(() => operator.close());

const at = (minute: number): string => `2025-12-31T10:${String(minute).padStart(2, '0')}:00.000Z`;

describe('the story of a purchase', () => {
  test('is told in order of time, with errors, links, events, join and dead letters', async () => {
    const emission = (eventId: string, sentAt: string): object => ({
      eventId,
      requestId,
      eventName: 'e',
      sentAt,
      answer: { status: 201, body: '' },
    });
    await operator.backend.store.commit([
      createDocument(inviteRequests, requestId, {
        ...REQUEST,
        attempts: 2,
        generation: 2,
        retries: 1,
        failures: [{ at: at(2), code: 'telegram_500', message: 'Telegram answered 500' }],
        earlierLinks: [{ inviteLink: 'https://t.me/+old', createdAt: at(4), revokedAt: at(8) }],
        inviteLink: 'https://t.me/+new',
        linkCreatedAt: at(9),
      }),
      createDocument(emissions, `${requestId}.link-created`, emission('1', at(5)) as never),
      createDocument(emissions, `${requestId}.link-created.2`, emission('2', at(10)) as never),
      createDocument(joins, requestId, { requestId, telegramUserId: '77', joinedAt: at(11), inviteLinkHash: 'h' }),
      createDocument(emissions, `${requestId}.member-joined`, emission('3', at(12)) as never),
    ]);
    await operator.deadLetter(
      'm1',
      { data: '{}', attributes: { id: `${requestId}.link-created` } },
      { source: 'event-emitter-link-created-events', code: 'webengage_400', reason: 'No such event' },
    );
    await operator.call('dead-letters.discard', { reason: 'a test' });
    const { timeline, ...rest } = await operator.call<Story & object>('requests.show', { requestId });
    expect(timeline.map(({ what, detail }) => [what, detail])).toEqual([
      ['accepted', undefined],
      ['attempt failed', 'telegram_500: Telegram answered 500'],
      ['link created', 'https://t.me/+old'],
      ['link event sent', 'WebEngage answered 201'],
      ['link revoked', 'https://t.me/+old'],
      ['link created', 'link 2: https://t.me/+new in chat -1001'],
      ['link event sent', 'link 2: WebEngage answered 201'],
      ['joined', 'Telegram user 77'],
      ['joined event sent', 'WebEngage answered 201'],
      ['dead letter', expect.stringContaining('event-emitter-link-created-events: webengage_400: No such event')],
      ['discarded by operator', 'event-emitter-link-created-events: ada: a test'],
    ]);
    expect(rest).toMatchObject({
      requestId,
      request: { status: 'DONE', userId: 'user-1', generation: 2, retries: 1, telegramUserId: '77' },
      deadLetters: [{ status: 'discarded' }],
    });
  });

  test('is told too of a purchase that never became a request; 404 when there is no trace', async () => {
    await operator.deadLetter('m1', { data: '{}', attributes: { id: `${requestId}.purchase-received` } });
    expect(await operator.call<Story>('requests.show', { requestId })).toMatchObject({
      timeline: [{ what: 'dead letter' }],
      deadLetters: [{ source: 'link-worker-purchase-events' }],
    });
    await expect(operator.call('requests.show', { requestId: 'unknown' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(operator.call('requests.show', { requestId: 'a/b' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('finding purchases', () => {
  const link = 'https://t.me/+first';

  beforeEach(async () => {
    const others = [1, 2, 3].map((n) => ({ ...REQUEST, requestId: `r${n}`, transactionId: `t${n}`, createdAt: at(n) }));
    await operator.backend.store.commit([
      createDocument(inviteRequests, requestId, { ...REQUEST, userId: 'user-2', transactionId: 'txn-1' }),
      ...others.map((request) => createDocument(inviteRequests, request.requestId, request)),
      createDocument(inviteLinks, inviteLinkId(link), {
        inviteLink: link,
        requestId,
        userId: 'user-2',
        transactionId: 'txn-1',
        createdAt: at(1),
      }),
      createDocument(joins, requestId, { requestId, telegramUserId: '77', joinedAt: at(11), inviteLinkHash: 'h' }),
      createDocument(unmatchedJoins, 'u1', {
        telegramUserId: '77',
        chatId: '-1001',
        joinedAt: at(13),
        reason: 'no_link',
      }),
      createDocument(unmatchedJoins, 'u2', {
        telegramUserId: '78',
        chatId: '-1001',
        joinedAt: at(14),
        reason: 'no_link',
      }),
    ]);
  });

  test.each([
    ['a user', { userId: 'user-1' }, ['r3', 'r2', 'r1']],
    ['a transaction', { transactionId: 't2' }, ['r2']],
    ['a link', { inviteLink: link }, [requestId]],
    ['a link as somebody has copied it', { inviteLink: ' t.me/joinchat/first/ ' }, [requestId]],
    ['a link of an app', { inviteLink: 'tg://join?invite=first' }, [requestId]],
    ['a link in other letters', { inviteLink: 'https://t.me/+First' }, []],
    ["a link's hash", { inviteLink: inviteLinkId(link) }, [requestId]],
    ["a link's hash in capitals", { inviteLink: inviteLinkId(link).toUpperCase() }, [requestId]],
    ['a Telegram user', { telegramUserId: '77' }, [requestId]],
    ['somebody unknown', { userId: 'nobody' }, []],
    ['a link that was never made', { inviteLink: 'https://t.me/+never' }, []],
  ])('by %s', async (_what, by, expected) => {
    const { requests } = await operator.call<Found>('requests.find', by);
    expect(requests.map((request) => request.requestId)).toEqual(expected);
  });

  test('a Telegram user is found with the joins that nothing explains', async () => {
    expect(await operator.call<Found>('requests.find', { telegramUserId: '77' })).toMatchObject({
      unmatchedJoins: [{ joinedAt: at(13), reason: 'no_link' }],
    });
    expect(await operator.call<Found>('requests.find', { telegramUserId: '78' })).toMatchObject({
      requests: [],
      unmatchedJoins: [{ joinedAt: at(14) }],
    });
  });

  test('comes in pages', async () => {
    const first = await operator.call<Found>('requests.find', { userId: 'user-1', limit: 2 });
    const second = await operator.call<Found>('requests.find', {
      userId: 'user-1',
      limit: 2,
      cursor: first.nextCursor,
    });
    expect([...first.requests, ...second.requests].map((request) => request.requestId)).toEqual(['r3', 'r2', 'r1']);
    expect(second.nextCursor).toBeUndefined();
  });

  test('asks for exactly one thing to find by', async () => {
    for (const by of [{}, { userId: 'a', transactionId: 'b' }]) {
      await expect(operator.call('requests.find', by)).rejects.toMatchObject({
        code: 'invalid_request',
        message: 'Exactly one of userId, transactionId, inviteLink, telegramUserId is needed',
      });
    }
    await expect(operator.call('requests.find', { telegramUserId: '@ada' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});
