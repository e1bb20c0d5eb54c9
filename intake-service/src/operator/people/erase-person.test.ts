import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rowsOf } from '@paid-community/shared/platform/backends/embedded/testing-rows.ts';
import { toDeadLetter } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import { deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { emissions, eventNames } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joins, unmatchedJoins } from '@paid-community/shared/model/memberships/join.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { foldGrants } from '@paid-community/shared/model/memberships/covered-time.ts';
import { importGrant } from '@paid-community/shared/model/memberships/given-grants.ts';
import { grants } from '@paid-community/shared/model/memberships/grant.ts';
import { accountBound } from '@paid-community/shared/model/memberships/account-life.ts';
import { MembershipStarted } from '@paid-community/shared/model/memberships/membership-events.ts';
import { newMembership, withFold } from '@paid-community/shared/model/memberships/membership-life.ts';
import { membershipIdOf, memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { OutgoingMessage } from '@paid-community/shared/platform/ports/event-bus.ts';
import {
  deadLetterTopic,
  healthChecks,
  linkCreatedEvents,
  memberJoinedEvents,
  membershipEvents,
  purchaseEvents,
} from '@paid-community/shared/model/topics.ts';
import { poolLinks, retiringLinkId } from '@paid-community/shared/model/links/pool-link.ts';
import { topology } from '@paid-community/shared/topology.ts';
import type { Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { recordDeadLetter } from '../../dead-letters/record-dead-letter.ts';
import { storeMember } from '../testing/memberships-api.ts';
import { FAILED_REQUEST, openOperator, REQUEST, type Operator } from '../testing/open-operator.ts';

const EVE = {
  userId: 'user-eve',
  transactionId: 'txn-of-eve',
  telegramUserId: '987654321',
  username: 'eve_secret',
  link: 'https://t.me/+EvesLink',
  earlier: 'https://t.me/+EvesFirst',
};
const EVES_REQUEST = '11111111-89ab-8def-8123-456789abcdef';
const BOB = { userId: 'user-bob', telegramUserId: '4242', link: 'https://t.me/+EvesLink2' };
const BOBS_REQUEST = '22222222-89ab-8def-8123-456789abcdef';
/** All by which anybody could tell that it is about her. */
const TRACES = [
  EVE.userId,
  EVE.transactionId,
  EVE.telegramUserId,
  EVE.username,
  EVE.earlier,
  /https:\/\/t\.me\/\+EvesLink(?!2)/,
];
const AT = '2025-12-31T10:00:00.000Z';

let operator: Operator;
beforeEach(() => {
  operator = openOperator();
});
afterEach(() => operator.close());

async function publish(topic: Topic, message: OutgoingMessage): Promise<void> {
  await operator.backend.eventBus.publish(topic, message);
}

/** With the dead-letter topic, as the bus and the services leave it: the message is retained, and recorded. */
async function park(
  messageId: string,
  message: OutgoingMessage,
  source: string,
  reason = 'Nobody could process it',
): Promise<void> {
  const letter = toDeadLetter(message, { source, attempts: 1, code: 'invalid', reason });
  await publish(deadLetterTopic, letter);
  await recordDeadLetter(
    { ...letter, messageId, publishTime: new Date(operator.clock.now()), deliveryAttempt: 1 },
    operator.backend.store,
    400,
  );
}

function update(userId: string, username: string, extra: object = {}): string {
  return JSON.stringify({
    update_id: 1,
    chat_member: { from: { id: Number(userId), username, first_name: 'Somebody' }, ...extra },
  });
}

/** Puts something of both into every place that can hold it, by its name; a place that holds nobody says why. */
const PLACES: Readonly<Record<string, string | (() => Promise<void>)>> = {
  invite_requests: async () => {
    const eve = {
      ...REQUEST,
      requestId: EVES_REQUEST,
      userId: EVE.userId,
      transactionId: EVE.transactionId,
      generation: 2,
      inviteLink: EVE.link,
    };
    const earlierLink = { inviteLink: EVE.earlier, createdAt: AT, revokedAt: AT };
    await commit(
      createDocument(inviteRequests, EVES_REQUEST, { ...eve, earlierLinks: [earlierLink] }),
      createDocument(inviteRequests, BOBS_REQUEST, {
        ...REQUEST,
        requestId: BOBS_REQUEST,
        userId: BOB.userId,
        inviteLink: BOB.link,
      }),
    );
  },
  invite_links: () =>
    commit(
      ...[EVE.link, EVE.earlier].map((link) =>
        createDocument(inviteLinks, inviteLinkId(link), {
          inviteLink: link,
          requestId: EVES_REQUEST,
          userId: EVE.userId,
          transactionId: EVE.transactionId,
          createdAt: AT,
        }),
      ),
      createDocument(inviteLinks, inviteLinkId(BOB.link), {
        inviteLink: BOB.link,
        requestId: BOBS_REQUEST,
        userId: BOB.userId,
        transactionId: 't',
        createdAt: AT,
      }),
    ),
  link_pool: 'the link of an erased purchase, until link-worker has revoked it',
  link_pools: 'about the communities',
  'link-pool-ticks': 'says nothing',
  joins: () =>
    commit(
      createDocument(joins, EVES_REQUEST, {
        requestId: EVES_REQUEST,
        telegramUserId: EVE.telegramUserId,
        joinedAt: AT,
        inviteLinkHash: inviteLinkId(EVE.link),
      }),
      // She came through the link of somebody else, too.
      createDocument(joins, BOBS_REQUEST, {
        requestId: BOBS_REQUEST,
        telegramUserId: EVE.telegramUserId,
        joinedAt: AT,
        inviteLinkHash: inviteLinkId(BOB.link),
      }),
    ),
  unmatched_joins: () =>
    commit(
      ...[EVE, BOB].map(({ telegramUserId }) =>
        createDocument(unmatchedJoins, telegramUserId, {
          telegramUserId,
          chatId: '-1001',
          joinedAt: AT,
          reason: 'no_link',
        }),
      ),
    ),
  plans: 'are about what is sold',
  grants: 'filled together with memberships',
  memberships: async () => {
    const { store } = operator.backend;
    const now = operator.clock.now();
    const { telegramUserId } = EVE;
    for (const community of [gold, silver]) await createIfAbsent(store, communities, community.communityId, community);
    await storeMember({ userId: EVE.userId, telegramUserId, requestId: EVES_REQUEST }, gold, store, now);
    await storeMember({ userId: BOB.userId, telegramUserId: BOB.telegramUserId, requestId: 'bobs' }, gold, store, now);
    // Her account came in by the link of somebody else, too.
    await storeMember({ userId: BOB.userId, telegramUserId, requestId: BOBS_REQUEST }, silver, store, now);
    await storeImported(telegramUserId);
  },
  removal_guards: 'are about communities',
  applied_settings: 'are about communities',
  emissions: () =>
    commit(
      createDocument(emissions, LinkCreated.idOf(EVES_REQUEST), {
        eventId: LinkCreated.idOf(EVES_REQUEST),
        requestId: EVES_REQUEST,
        eventName: eventNames.linkCreated,
        sentAt: AT,
        answer: { status: 200, body: `user ${EVE.userId}` },
      }),
    ),
  dead_letters: async () => {
    await park('1', purchaseOf(EVES_REQUEST, EVE.userId, EVE.transactionId), 'link-worker-purchase-events');
    await park(
      '2',
      { data: update(EVE.telegramUserId, EVE.username), attributes: { id: 'telegram-update-1' } },
      'telegram-updates',
    );
    await park(
      '3',
      { data: update('1', 'admin', { note: EVE.link }), attributes: { id: 'telegram-update-2' } },
      'telegram-updates',
    );
    await park(
      '4',
      { data: `{"userId" : "user\\u002deve", broken`, attributes: { id: 'broken' } },
      'link-worker-purchase-events',
      `It is about "userId": "${EVE.userId}"`,
    );
    await park(
      '5',
      { data: update(`1${EVE.telegramUserId}`, 'eve_secret_2'), attributes: { id: 'telegram-update-5' } },
      'telegram-updates',
    );
    await park('6', purchaseOf(BOBS_REQUEST, BOB.userId, 't'), 'link-worker-purchase-events');
  },
  'purchase-events': () =>
    Promise.all([
      publish(purchaseEvents, purchaseOf(EVES_REQUEST, EVE.userId, EVE.transactionId)),
      publish(purchaseEvents, purchaseOf(BOBS_REQUEST, BOB.userId, 't')),
    ]).then(),
  'link-created-events': () =>
    publish(
      linkCreatedEvents,
      eventMessage(
        LinkCreated.create({
          time: AT,
          traceparent: '',
          data: { requestId: EVES_REQUEST, userId: EVE.userId, transactionId: EVE.transactionId, inviteLink: EVE.link },
        }),
      ),
    ),
  'member-joined-events': async () => {
    const joined = (requestId: string, userId: string, inviteLink: string): OutgoingMessage =>
      eventMessage(
        MemberJoined.create({
          time: AT,
          traceparent: '',
          data: {
            requestId,
            userId,
            transactionId: userId === EVE.userId ? EVE.transactionId : 't',
            inviteLink,
            telegramUserId: EVE.telegramUserId,
          },
        }),
      );
    await publish(memberJoinedEvents, joined(EVES_REQUEST, EVE.userId, EVE.link));
    await publish(memberJoinedEvents, joined(BOBS_REQUEST, BOB.userId, BOB.link));
  },
  'membership-events': async () => {
    for (const [membershipId, userId] of [
      ['m1', EVE.userId],
      ['m2', BOB.userId],
    ] as const)
      await publish(
        membershipEvents,
        eventMessage(
          MembershipStarted.create({
            time: AT,
            traceparent: '',
            data: {
              membershipId,
              communityId: 'gold',
              userId,
              requestId: userId === EVE.userId ? EVES_REQUEST : BOBS_REQUEST,
            },
          }),
        ),
      );
  },
  'membership-ticks': 'say nothing',
  'dead-letters': 'filled together with dead_letters',
  'community-events': 'is about the community',
  'health-checks': 'names a group, and is gone after ten minutes',
  bot_rates: 'is about the bot',
  chat_migrations: 'is about the community',
  telegram_answers: 'is about chats and bots, and gone within a day',
  connection_codes: 'is about the community, and gone within a day',
  community_chats: 'is about the community',
  communities: 'is about the community',
  chat_standings: 'is about the community',
  chat_candidates: 'is about a chat',
  named_links: 'are made by hand, for nobody who bought',
  health_reports: 'is about the services',
  polled_updates: 'numbers of updates',
  retained_readings: 'names of topics',
  rebuild_marks: 'ids of requests and events, for a day',
  store_owners: 'is about bot, community and account',
};

const gold = someCommunity();
const silver = someCommunity({ communityId: 'silver', chatId: '-1003' });

/** By the account alone, as of a list without userIds. */
async function storeImported(telegramUserId: string): Promise<void> {
  const now = operator.clock.now();
  const { communityId } = silver;
  const person = { membershipId: membershipIdOf(communityId, { telegramUserId }), communityId, userId: '' };
  const grant = importGrant(undefined, person, { endsAt: '2026-06-01T00:00:00.000Z' }, now);
  const fold = foldGrants([grant], undefined, silver);
  const known = withFold(newMembership(person, now), fold, { what: 'imported' }, silver, now);
  const bound = { ...accountBound(known, telegramUserId, now), isAdmitted: true };
  await commit(createDocument(grants, grant.grantId, grant), createDocument(memberships, person.membershipId, bound));
}

function commit(...writes: Parameters<Operator['backend']['store']['commit']>[0]): Promise<void> {
  return operator.backend.store.commit(writes);
}

function eventMessage(event: { readonly id: string; readonly type: string }): OutgoingMessage {
  return { data: JSON.stringify(event), attributes: { id: event.id, type: event.type } };
}

function purchaseOf(requestId: string, userId: string, transactionId: string): OutgoingMessage {
  return eventMessage(
    PurchaseReceived.create({
      time: AT,
      traceparent: '',
      data: { requestId, userId, transactionId, communityId: 'default' },
    }),
  );
}

async function fill(): Promise<void> {
  for (const place of Object.values(PLACES)) if (typeof place === 'function') await place();
}

async function erase(asked: object): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {};
  // What was published in the very moment is for the next look.
  operator.clock.advance(1_000);
  for (let cursor: string | undefined; ;) {
    const page = await operator.call<{
      readonly erased: Readonly<Record<string, number>>;
      readonly nextCursor?: string;
    }>('person.erase', { ...asked, cursor });
    for (const [name, count] of Object.entries(page.erased)) sums[name] = (sums[name] ?? 0) + count;
    cursor = page.nextCursor;
    if (cursor === undefined) return sums;
  }
}

async function rows(): Promise<readonly string[]> {
  operator.clock.advance(1);
  const { file } = await operator.backend.administration.store.backUp(undefined);
  return rowsOf(file);
}

/** Without the links that are about to be revoked: nothing says whose they were, and they are deleted then. */
async function tracesLeft(): Promise<readonly string[]> {
  const lasting = (await rows()).filter((row) => !row.includes('"because":"erased"'));
  return lasting.filter((row) =>
    TRACES.some((trace) =>
      (typeof trace === 'string' ? new RegExp(`(?<![0-9])${trace.replaceAll('+', '\\+')}(?![0-9_])`) : trace).test(row),
    ),
  );
}

describe('erasing a person', () => {
  test('knows every collection and topic: a new one says here what an erasure does with it', () => {
    const names = [...topology.collections, ...topology.topics].map(({ name }) => name);
    expect(names.toSorted()).toEqual(Object.keys(PLACES).toSorted());
    const aboutPeople = [
      ...topology.collections.filter(({ personalFields }) => Object.keys(personalFields).length > 0),
      ...topology.topics.filter(({ personalData = [] }) => personalData.length > 0),
    ].map(({ name }) => name);
    const filled = Object.keys(PLACES).filter((name) => typeof PLACES[name] === 'function');
    const filledWithOthers = [deadLetterTopic.name, grants.name];
    expect(aboutPeople.toSorted()).toEqual([...filled, ...filledWithOthers].toSorted());
    expect(healthChecks.retentionSeconds).toBeLessThanOrEqual(600);
  });

  test('has the link that works revoked, and no other', async () => {
    await fill();
    await erase({ userId: EVE.userId });
    const { store } = operator.backend;
    const retiring = await store.get(poolLinks, retiringLinkId(EVE.link));
    expect(retiring?.data).toMatchObject({ state: 'RETIRING', because: 'erased', inviteLink: EVE.link });
    expect(await store.get(poolLinks, retiringLinkId(EVE.earlier))).toBeUndefined();
    expect(await store.get(poolLinks, retiringLinkId(BOB.link))).toBeUndefined();
  });

  test('leaves nothing of them in any of these, and all of everybody else', async () => {
    await fill();
    expect((await tracesLeft()).length).toBeGreaterThan(15);
    const bobsBefore = (await rows()).filter((row) => row.includes(BOB.userId) && !row.includes(EVE.telegramUserId));
    expect(await erase({ userId: EVE.userId })).toEqual({
      requests: 1,
      links: 2,
      joins: 2,
      unmatchedJoins: 1,
      memberships: 3,
      grants: 2,
      ledgerEntries: 1,
      deadLetters: 4,
      messages: 9,
    });
    expect(await tracesLeft()).toEqual([]);
    const after = await rows();
    expect(after).toEqual(expect.arrayContaining([...bobsBefore]));
    expect(after.some((row) => row.includes('eve_secret_2'))).toBe(true);
    const store = operator.backend.store;
    expect((await store.get(inviteRequests, BOBS_REQUEST))?.data).toMatchObject({ status: 'DONE', userId: BOB.userId });
    expect((await store.get(joins, BOBS_REQUEST))?.data).toMatchObject({ telegramUserId: '', joinedAt: AT });
  });

  test('finds letters of every state, however old, and beyond the first page', async () => {
    for (let n = 0; n < 230; n += 1)
      await park(
        String(n),
        { data: update(n % 2 === 0 ? EVE.telegramUserId : '5', 'x'), attributes: { id: `telegram-update-${n}` } },
        'telegram-updates',
      );
    const { documents } = await operator.backend.store.query({
      collection: deadLetters,
      where: { status: 'open' },
      orderBy: { field: 'lastAt', direction: 'ascending' },
      limit: 3,
    });
    for (const letter of documents)
      await operator.call('dead-letters.discard', { ids: [letter.id], reason: `"id":${EVE.telegramUserId}` });
    // The messages that they came by are long gone.
    operator.clock.advance(30 * 86_400_000);
    expect(await erase({ userId: EVE.userId, telegramUserId: EVE.telegramUserId })).toMatchObject({
      deadLetters: expect.any(Number),
    });
    expect((await rows()).filter((row) => row.startsWith('documents') && row.includes(EVE.telegramUserId))).toEqual([]);
    expect(await operator.backend.store.count({ collection: deadLetters, where: { status: 'open' } })).toBeGreaterThan(
      110,
    );
  });

  test('an update that is too broken to hold an id is found by the username', async () => {
    await park(
      '1',
      {
        data: '{"update_id":1,"chat_member":{"from":{"username":"Eve_Secret"}}}',
        attributes: { id: 'telegram-update-1' },
      },
      'telegram-updates',
    );
    expect(await erase({ userId: EVE.userId, telegramUsername: '@eve_secret' })).toMatchObject({
      deadLetters: 1,
      messages: 1,
    });
  });

  test('one purchase only, by its requestId, leaves the others of the same user', async () => {
    await fill();
    await commit(
      createDocument(inviteRequests, 'other', { ...FAILED_REQUEST, requestId: 'other', userId: EVE.userId }),
    );
    expect(await erase({ requestId: EVES_REQUEST })).toMatchObject({ requests: 1, links: 2 });
    expect((await operator.backend.store.get(inviteRequests, 'other'))?.data).toMatchObject({
      userId: EVE.userId,
    });
    expect(
      (await rows()).filter((row) => row.includes(EVE.telegramUserId) && !row.includes(`1${EVE.telegramUserId}`)),
    ).toEqual([]);
  });

  test('a second time changes nothing, and a requestId of nobody leaves nothing behind', async () => {
    await fill();
    await erase({ userId: EVE.userId });
    const before = (await rows()).filter((row) => row.startsWith('documents'));
    expect(Object.values(await erase({ userId: EVE.userId })).every((count) => count === 0)).toBe(true);
    await erase({ requestId: '33333333-89ab-8def-8123-456789abcdef' });
    expect((await rows()).filter((row) => row.startsWith('documents'))).toEqual(before);
    await expect(operator.call('person.erase', {})).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test.each(['e30', 'bm9uc2Vuc2U', Buffer.from('{"step":99,"telegramUserIds":[]}').toString('base64url')])(
    'the cursor %s is refused',
    async (cursor) => {
      await expect(operator.call('person.erase', { userId: 'u', cursor })).rejects.toMatchObject({
        code: 'invalid_request',
      });
    },
  );
});

test('an erasure that is killed at any of its writes is complete when it is done again, by nothing but the userId', async () => {
  for (let survives = 0; ; survives += 1) {
    await fill();
    const { store, revive } = killedAfter(survives);
    const killed = await erase({ userId: EVE.userId }).then(
      () => false,
      (error: unknown) => error instanceof Killed,
    );
    revive();
    if (!killed) break;
    // A reader of retained messages that was killed counts as broken off after a minute.
    operator.clock.advance(61_000);
    await erase({ userId: EVE.userId });
    expect([survives, await tracesLeft()]).toEqual([survives, []]);
    expect((await store.get(inviteRequests, EVES_REQUEST))?.data.status).toBe('ERASED');
    await operator.close();
    operator = openOperator();
  }
});

class Killed extends Error {}

/** From then on no write arrives, until the next process comes. */
function killedAfter(writes: number): {
  readonly store: Operator['backend']['store'];
  readonly revive: () => void;
} {
  const { store, administration } = operator.backend;
  let left = writes;
  const orKilled =
    <Args extends unknown[], T>(act: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      left-- > 0 ? act(...args) : Promise.reject(new Killed());
  const places = [
    [store, { commit: store.commit.bind(store) }],
    [administration.bus, { removeRetained: administration.bus.removeRetained.bind(administration.bus) }],
    [administration.store, { recordErasures: administration.store.recordErasures.bind(administration.store) }],
  ] as const;
  Object.assign(store, { commit: orKilled(places[0][1].commit) });
  Object.assign(administration.bus, { removeRetained: orKilled(places[1][1].removeRetained) });
  Object.assign(administration.store, { recordErasures: orKilled(places[2][1].recordErasures) });
  return { store, revive: () => places.forEach(([port, own]) => Object.assign(port, own)) };
}
