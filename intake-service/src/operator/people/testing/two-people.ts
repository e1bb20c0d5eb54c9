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
  linkCreatedEvents,
  memberJoinedEvents,
  membershipEvents,
  purchaseEvents,
} from '@paid-community/shared/model/topics.ts';
import { storeMember } from '../../testing/memberships-api.ts';
import { REQUEST, type Operator } from '../../testing/open-operator.ts';
import { eventMessage, park, publish, update } from './messages.ts';

export const EVE = {
  userId: 'user-eve',
  transactionId: 'txn-of-eve',
  telegramUserId: '987654321',
  username: 'eve_secret',
  link: 'https://t.me/+EvesLink',
  earlier: 'https://t.me/+EvesFirst',
};
export const EVES_REQUEST = '11111111-89ab-8def-8123-456789abcdef';
export const BOB = { userId: 'user-bob', telegramUserId: '4242', link: 'https://t.me/+EvesLink2' };
export const BOBS_REQUEST = '22222222-89ab-8def-8123-456789abcdef';
export const AT = '2025-12-31T10:00:00.000Z';

/** Puts something of both into every place that can hold it, by its name; a place that holds nobody says why. */
export const PLACES: Readonly<Record<string, string | ((operator: Operator) => Promise<void>)>> = {
  invite_requests: async (operator) => {
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
      operator,
      createDocument(inviteRequests, EVES_REQUEST, { ...eve, earlierLinks: [earlierLink] }),
      createDocument(inviteRequests, BOBS_REQUEST, {
        ...REQUEST,
        requestId: BOBS_REQUEST,
        userId: BOB.userId,
        inviteLink: BOB.link,
      }),
    );
  },
  invite_links: (operator) =>
    commit(
      operator,
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
  joins: (operator) =>
    commit(
      operator,
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
  unmatched_joins: (operator) =>
    commit(
      operator,
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
  memberships: async (operator) => {
    const { store } = operator.backend;
    const now = operator.clock.now();
    const { telegramUserId } = EVE;
    for (const community of [gold, silver]) await createIfAbsent(store, communities, community.communityId, community);
    await storeMember({ userId: EVE.userId, telegramUserId, requestId: EVES_REQUEST }, gold, store, now);
    await storeMember({ userId: BOB.userId, telegramUserId: BOB.telegramUserId, requestId: 'bobs' }, gold, store, now);
    // Her account came in by the link of somebody else, too.
    await storeMember({ userId: BOB.userId, telegramUserId, requestId: BOBS_REQUEST }, silver, store, now);
    await storeImported(operator, telegramUserId);
  },
  removal_guards: 'are about communities',
  applied_settings: 'are about communities',
  emissions: (operator) =>
    commit(
      operator,
      createDocument(emissions, LinkCreated.idOf(EVES_REQUEST), {
        eventId: LinkCreated.idOf(EVES_REQUEST),
        requestId: EVES_REQUEST,
        eventName: eventNames.linkCreated,
        sentAt: AT,
        answer: { status: 200, body: `user ${EVE.userId}` },
      }),
    ),
  dead_letters: async (operator) => {
    await park(operator, '1', purchaseOf(EVES_REQUEST, EVE.userId, EVE.transactionId), 'link-worker-purchase-events');
    await park(
      operator,
      '2',
      { data: update(EVE.telegramUserId, EVE.username), attributes: { id: 'telegram-update-1' } },
      'telegram-updates',
    );
    await park(
      operator,
      '3',
      { data: update('1', 'admin', { note: EVE.link }), attributes: { id: 'telegram-update-2' } },
      'telegram-updates',
    );
    await park(
      operator,
      '4',
      { data: `{"userId" : "user\\u002deve", broken`, attributes: { id: 'broken' } },
      'link-worker-purchase-events',
      `It is about "userId": "${EVE.userId}"`,
    );
    await park(
      operator,
      '5',
      { data: update(`1${EVE.telegramUserId}`, 'eve_secret_2'), attributes: { id: 'telegram-update-5' } },
      'telegram-updates',
    );
    await park(operator, '6', purchaseOf(BOBS_REQUEST, BOB.userId, 't'), 'link-worker-purchase-events');
  },
  'purchase-events': (operator) =>
    Promise.all([
      publish(operator, purchaseEvents, purchaseOf(EVES_REQUEST, EVE.userId, EVE.transactionId)),
      publish(operator, purchaseEvents, purchaseOf(BOBS_REQUEST, BOB.userId, 't')),
    ]).then(),
  'link-created-events': (operator) =>
    publish(
      operator,
      linkCreatedEvents,
      eventMessage(
        LinkCreated.create({
          time: AT,
          traceparent: '',
          data: { requestId: EVES_REQUEST, userId: EVE.userId, transactionId: EVE.transactionId, inviteLink: EVE.link },
        }),
      ),
    ),
  'member-joined-events': async (operator) => {
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
    await publish(operator, memberJoinedEvents, joined(EVES_REQUEST, EVE.userId, EVE.link));
    await publish(operator, memberJoinedEvents, joined(BOBS_REQUEST, BOB.userId, BOB.link));
  },
  'membership-events': async (operator) => {
    for (const [membershipId, userId] of [
      ['m1', EVE.userId],
      ['m2', BOB.userId],
    ] as const)
      await publish(
        operator,
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
async function storeImported(operator: Operator, telegramUserId: string): Promise<void> {
  const now = operator.clock.now();
  const { communityId } = silver;
  const person = { membershipId: membershipIdOf(communityId, { telegramUserId }), communityId, userId: '' };
  const grant = importGrant(undefined, person, { endsAt: '2026-06-01T00:00:00.000Z' }, now);
  const fold = foldGrants([grant], undefined, silver);
  const known = withFold(newMembership(person, now), fold, { what: 'imported' }, silver, now);
  const bound = { ...accountBound(known, telegramUserId, now), isAdmitted: true };
  await commit(
    operator,
    createDocument(grants, grant.grantId, grant),
    createDocument(memberships, person.membershipId, bound),
  );
}

function commit(operator: Operator, ...writes: Parameters<Operator['backend']['store']['commit']>[0]): Promise<void> {
  return operator.backend.store.commit(writes);
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

export async function fill(operator: Operator): Promise<void> {
  for (const place of Object.values(PLACES)) if (typeof place === 'function') await place(operator);
}
