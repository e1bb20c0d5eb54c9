import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joins, unmatchedJoins } from '@paid-community/shared/model/memberships/join.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { HttpResponse } from '@paid-community/shared/platform/http/route.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { healthChecks, memberJoinedEvents } from '@paid-community/shared/model/topics.ts';
import { membershipWork } from './memberships/membership-work.ts';
import { MEMBERSHIP_CONFIG } from './testing/open-tracker.ts';
import { receiveWebhook } from './updates/receive-webhook.ts';
import { SeenUpdates } from './updates/seen-updates.ts';
import { isJoin, type ChatMemberUpdated } from './updates/telegram/update.ts';
import { updateHandling } from './updates/update-handling.ts';

const REQUEST_ID = '01234567-89ab-8def-8123-456789abcdef';
const LINK = 'https://t.me/+ours';
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

type MemberState = Pick<ChatMemberUpdated['new_chat_member'], 'status' | 'is_member'>;
const left: MemberState = { status: 'left' };
const kicked: MemberState = { status: 'kicked' };
const restrictedOut: MemberState = { status: 'restricted', is_member: false };
const restrictedIn: MemberState = { status: 'restricted', is_member: true };
const member: MemberState = { status: 'member' };
const administrator: MemberState = { status: 'administrator' };
const creator: MemberState = { status: 'creator' };

function change(from: MemberState, to: MemberState): ChatMemberUpdated {
  const user = { id: 77 };
  return {
    chat: { id: -1001 },
    date: 1_767_261_600,
    old_chat_member: { ...from, user },
    new_chat_member: { ...to, user },
  };
}

describe('telling joins from other changes', () => {
  const outside = [left, kicked, restrictedOut];
  const inside = [member, administrator, creator, restrictedIn];

  test.each(outside.flatMap((from) => inside.map((to) => [from, to])))('%j to %j is a join', (from, to) => {
    expect(isJoin(change(from, to))).toBe(true);
  });

  test.each([
    ...inside.flatMap((from) => [...inside, ...outside].map((to) => [from, to])),
    ...outside.flatMap((from) => outside.map((to) => [from, to])),
    [left, { status: 'restricted' }],
    [left, { status: 'hovering' }],
  ])('%j to %j is none', (from, to) => {
    expect(isJoin(change(from, to))).toBe(false);
  });
});

describe('the webhook', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let eventBus: RecordingEventBus;

  beforeEach(async () => {
    ({ backend, close } = openTemporaryBackend(new ManualClock()));
    eventBus = new RecordingEventBus();
    const at = '2026-01-01T00:00:00.000Z';
    const purchase = { requestId: REQUEST_ID, userId: 'user-1', transactionId: 'txn-1' };
    await backend.store.commit([
      createDocument(inviteLinks, inviteLinkId(LINK), { ...purchase, inviteLink: LINK, createdAt: at }),
      createDocument(inviteRequests, REQUEST_ID, {
        ...purchase,
        communityId: 'default',
        status: 'DONE',
        attempts: 1,
        createdAt: at,
        updatedAt: at,
        inviteLink: LINK,
        linkCreatedAt: at,
        traceparent: TRACEPARENT,
      }),
    ]);
  });

  afterEach(() => close());

  function receive(body: unknown): Promise<HttpResponse> {
    const clock = new ManualClock();
    const config = { RETENTION_DAYS: 400, TELEGRAM_CHAT_ID: '-1001' };
    const ports = { store: backend.store, eventBus, clock, log: silentLog };
    const deps = updateHandling({
      ...ports,
      config,
      seen: new SeenUpdates(clock),
      memberships: membershipWork(MEMBERSHIP_CONFIG, { ...ports, taskQueue: new RecordingTaskQueue() }),
      telemetry: noTelemetry,
    });
    return receiveWebhook.answerTo(
      { headers: {}, params: {}, query: {}, body, caller: 'anybody', traceparent: TRACEPARENT },
      deps,
    );
  }

  function joining(extra: object = {}): object {
    return {
      update_id: 1,
      chat_member: { ...change(left, member), invite_link: { invite_link: LINK, name: 'x' }, ...extra },
    };
  }

  async function unmatched(): Promise<number> {
    // No index is declared for this collection, so look where such a join would be.
    const ids = ['', LINK, 'https://t.me/+other...'].map((link) =>
      createHash('sha256')
        .update(JSON.stringify(['-1001', '77', '2026-01-01T10:00:00.000Z', link]))
        .digest('hex'),
    );
    const found = await Promise.all(ids.map((id) => backend.store.get(unmatchedJoins, id)));
    return found.filter((document) => document !== undefined).length;
  }

  test('a join through one of our links is recorded, published and answered with an empty object', async () => {
    expect(await receive(joining())).toEqual({ status: 200, body: {} });
    expect(eventBus.eventsOn(memberJoinedEvents)).toEqual([
      expect.objectContaining({
        id: `${REQUEST_ID}.member-joined`,
        time: '2026-01-01T10:00:00.000Z',
        data: {
          requestId: REQUEST_ID,
          communityId: 'default',
          userId: 'user-1',
          transactionId: 'txn-1',
          inviteLink: LINK,
          telegramUserId: '77',
        },
      }),
    ]);
    expect((await backend.store.get(joins, REQUEST_ID))?.data).toMatchObject({
      telegramUserId: '77',
      inviteLinkHash: inviteLinkId(LINK),
    });
  });

  test('the same update again publishes the same event', async () => {
    await receive(joining());
    await receive(joining());
    const [first, second] = eventBus.eventsOn(memberJoinedEvents);
    expect(second).toEqual(first);
  });

  test('a crash between record and publish is mended when Telegram sends the update again', async () => {
    eventBus.failNext = new RetryableError('down', 'the bus is down');
    await expect(receive(joining())).rejects.toThrow('the bus is down');
    await receive(joining());
    expect(eventBus.eventsOn(memberJoinedEvents)).toHaveLength(1);
  });

  test.each([
    ['the same person coming back', { date: 1_767_265_200 }],
    ['somebody else on the freed place', { new_chat_member: { ...member, user: { id: 78 } } }],
  ])('%s is told apart from the first join', async (_name, extra) => {
    await receive(joining());
    await receive(joining(extra));
    // Published again, it is the same event: its receiver has it in the ledger.
    const [first, ...again] = eventBus.eventsOn(memberJoinedEvents);
    expect(again).toEqual([first]);
    expect((await backend.store.get(joins, REQUEST_ID))?.data).toMatchObject({
      telegramUserId: '77',
      joinedAt: '2026-01-01T10:00:00.000Z',
    });
  });

  test('a change of the bot itself has its rights looked at, in that chat, before Telegram gets its answer', async () => {
    eventBus.failNext = new RetryableError('down', 'the bus is down');
    const update = { update_id: 1, my_chat_member: change(administrator, left) };
    await expect(receive(update)).rejects.toThrow('the bus is down');
    expect(await receive(update)).toEqual({ status: 200, body: {} });
    expect(eventBus.eventsOn(healthChecks)).toMatchObject([
      { type: 'HealthCheckRequested', data: { askedBy: 'join-tracker', chatId: '-1001' } },
    ]);
    expect(await unmatched()).toBe(0);
  });

  test('a link that Telegram cut is found by its name', async () => {
    await receive(
      joining({ invite_link: { invite_link: 'https://t.me/+ou...', name: REQUEST_ID.replaceAll('-', '') } }),
    );
    expect(eventBus.eventsOn(memberJoinedEvents)).toMatchObject([
      { data: { requestId: REQUEST_ID, inviteLink: LINK } },
    ]);
  });

  test('a link whose request has no recorded link is an orphan: the join is kept, not published', async () => {
    const id = '89abcdef-89ab-8def-8123-456789abcdef';
    const at = '2026-01-01T00:00:00.000Z';
    const queued = {
      requestId: id,
      userId: 'u',
      transactionId: 't',
      communityId: 'default',
      attempts: 0,
      createdAt: at,
      updatedAt: at,
      traceparent: TRACEPARENT,
    };
    await backend.store.commit([createDocument(inviteRequests, id, { ...queued, status: 'QUEUED' })]);
    await receive(joining({ invite_link: { invite_link: 'https://t.me/+other...', name: id.replaceAll('-', '') } }));
    expect(eventBus.published).toEqual([]);
    expect(await unmatched()).toBe(1);
  });

  test.each([
    ['without a link', { invite_link: undefined }],
    ['through an unknown link', { invite_link: { invite_link: 'https://t.me/+other...' } }],
    [
      'through a link with the name of no request',
      { invite_link: { invite_link: 'https://t.me/+other...', name: 'f'.repeat(32) } },
    ],
  ])('a join %s is kept, once, and not published', async (_name, extra) => {
    await receive(joining(extra));
    await receive(joining(extra));
    expect(eventBus.published).toEqual([]);
    expect(await unmatched()).toBe(1);
  });

  test.each([
    ['a message', { update_id: 1, message: { text: 'hello' } }],
    ['an update of the future', { update_id: 1, hologram: {} }],
    ['a promotion', { update_id: 1, chat_member: change(member, administrator) }],
  ])('%s is answered and ignored', async (_name, update) => {
    expect(await receive(update)).toEqual({ status: 200, body: {} });
    expect(eventBus.published).toEqual([]);
    expect(await unmatched()).toBe(0);
  });

  test.each([
    ['null', null],
    ['a list', []],
    ['a text', 'update'],
    ['an empty object', {}],
    ['a text as id', { update_id: '1' }],
    ['a chat_member without members', { update_id: 1, chat_member: { chat: { id: 1 }, date: 1 } }],
    [
      'a user without id',
      { update_id: 1, chat_member: { ...change(left, member), new_chat_member: { status: 'member', user: {} } } },
    ],
    ['a date outside of all time', joining({ date: 1e300 })],
    ['a link that is no object', joining({ invite_link: LINK })],
  ])('%s is refused, so that Telegram keeps it', async (_name, update) => {
    await expect(receive(update)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(eventBus.published).toEqual([]);
  });
});
