import {
  ChatMigrated,
  ChatOffered,
  CommunityConnected,
  CommunityImpaired,
  CommunityRestored,
} from '@paid-community/shared/model/communities/community-events.ts';
import { CreateInviteLink } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { FillPool, RevokePoolLink } from '@paid-community/shared/model/links/pool-tasks.ts';
import { LinkPoolTick } from '@paid-community/shared/model/links/link-pool-tick.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { LinkExpired } from '@paid-community/shared/model/links/link-expired.ts';
import { LinkNeeded } from '@paid-community/shared/model/links/link-needed.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import type {
  MembershipEventType,
  MembershipFacts,
} from '@paid-community/shared/model/memberships/membership-event-types.ts';
import { membershipEventDefinitions } from '@paid-community/shared/model/memberships/membership-events.ts';
import {
  AnswerJoinRequest,
  RemoveMember,
  RevokeInviteLink,
} from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { MembershipTick } from '@paid-community/shared/model/memberships/membership-tick.ts';
import { HealthCheckRequested } from '@paid-community/shared/model/operations/health-check-requested.ts';
import {
  ExamineChat,
  ListBots,
  MakeNamedLink,
  RevokeNamedLink,
  SeeMember,
  SendTestMessage,
} from '@paid-community/shared/model/operations/telegram-questions.ts';
import { ScheduledHealthCheck } from '@paid-community/shared/model/operations/scheduled-health-check.ts';
import {
  DisputeClosed,
  PurchaseDisputed,
  PurchaseRefunded,
} from '@paid-community/shared/model/purchases/purchase-notes.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import type { EventDefinition } from '@paid-community/shared/platform/delivery/define-event.ts';

const fact = {
  time: '2026-01-01T10:00:00.000Z',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};
const REQUEST_ID = '636f3c3c-bec7-81cf-a1e9-15c55a037a83';
const purchase = { requestId: REQUEST_ID, userId: 'user-1', transactionId: 'order-1' };
const asked = { askId: '6c0e7b8e-2f5d-4a57-9e0c-55d1a0c1b7aa', traceparent: fact.traceparent };
const inviteLink = 'https://t.me/+AbCdEfGhIjKlMnOp';

const membership: MembershipFacts = {
  membershipId: 'f0e1d2c3b4a5968778695a4b3c2d1e0f',
  communityId: 'gold',
  userId: 'user-1',
  telegramUserId: '7001',
  requestId: REQUEST_ID,
  transactionId: 'order-1',
  planId: 'gold-month',
  planName: 'Gold, a month',
  startsAt: '2026-01-01T10:00:00.000Z',
  endsAt: '2026-02-01T10:00:00.000Z',
};
const counted = { attemptNumber: 1, deferrals: 0, traceparent: fact.traceparent };

/** An event with one of its kind, as an example and for tests. */
function described<Data>(
  definition: EventDefinition<Data>,
  summary: string,
  data: NoInfer<Data>,
): { readonly definition: EventDefinition<Data>; readonly summary: string; readonly example: object } {
  return { definition, summary, example: definition.create({ ...fact, data }) };
}

function ofMembership(
  type: MembershipEventType,
  summary: string,
  facts: Partial<MembershipFacts> = {},
): ReturnType<typeof described<MembershipFacts>> {
  return described(membershipEventDefinitions[type], summary, { ...membership, ...facts });
}

export const events = [
  described(PurchaseReceived, 'Somebody bought access, and intake-service has acknowledged it', {
    ...purchase,
    communityId: 'default',
  }),
  described(LinkExpired, 'A link expired before the buyer could be told of it: the purchase needs another one', {
    requestId: REQUEST_ID,
    linkExpiresAt: '2026-01-02T10:00:00.000Z',
  }),
  described(LinkNeeded, 'Somebody who has paid is out, and needs another link of the purchase', {
    requestId: REQUEST_ID,
    communityId: 'gold',
    number: 1,
  }),
  described(PurchaseRefunded, 'The money of a purchase, or a part of it, goes back', {
    requestId: REQUEST_ID,
    refundId: 'refund-1',
    reason: 'Bought twice',
  }),
  described(PurchaseDisputed, 'The buyer disputes the payment of a purchase', { requestId: REQUEST_ID }),
  described(DisputeClosed, 'A dispute was decided', { requestId: REQUEST_ID, outcome: 'won' }),
  described(LinkCreated, "The buyer's link exists and is recorded", { ...purchase, inviteLink }),
  described(MemberJoined, 'Somebody joined through the link of a purchase, for the first time', {
    ...purchase,
    inviteLink,
    telegramUserId: '7001',
  }),
  ofMembership('MembershipStarted', 'Somebody has access to a community for the first time'),
  ofMembership('MembershipRenewed', 'More time was bought or given, before or after the end'),
  ofMembership('MembershipExpiring', 'The end is near: a reminder of the community is due', { daysLeft: 3 }),
  ofMembership('MembershipGraceStarted', 'The time is over, and the days of grace begin'),
  ofMembership('MembershipExpired', 'The time is over, and so are the days of grace', { reason: 'expired' }),
  ofMembership('MembershipRevoked', 'What was paid for was taken back', { reason: 'refunded' }),
  ofMembership('MembershipCancelled', 'The person wants no renewal: the time goes on to its end'),
  ofMembership('MemberLeft', 'A member went out, or an administrator put the member out', { reason: 'left' }),
  ofMembership('MemberRejoined', 'A member who was out came back'),
  ofMembership('MemberRemoved', 'The person was asked out by us, and is out', { reason: 'expired' }),
  ofMembership('RemovalFailed', 'Telegram does not allow a removal, and only a person can mend that', {
    reason: 'The account is an administrator of the chat',
  }),
  ofMembership('WrongPersonJoined', 'Another account than the bound one came by a link of the membership', {
    telegramUserId: '7002',
  }),
  ofMembership('JoinRequestApproved', 'Somebody who has paid asked to be let in, and is'),
  ofMembership('JoinRequestDeclined', 'Somebody who may not be inside asked to be let in', { reason: 'expired' }),
  ofMembership('LinkExpiredUnused', 'A link expired before anybody came in by it'),
  described(ChatOffered, 'Somebody tapped the connection link of a community, and put the bot into this chat', {
    communityId: 'gold',
    chatId: '-1001234567890',
    botId: '7001',
  }),
  described(ChatMigrated, 'A group became a supergroup: the same chat has another id', {
    communityId: 'gold',
    fromChatId: '-4500000001',
    toChatId: '-1001234567890',
  }),
  described(CommunityConnected, 'A community has its chat, and takes purchases', {
    communityId: 'gold',
    chatId: '-1001234567890',
    name: 'Gold',
    connectedAt: fact.time,
  }),
  described(CommunityImpaired, 'What the settings of a community need does not hold any more', {
    communityId: 'gold',
    since: fact.time,
    faults: ['The bot @gold_bot may not invite users'],
  }),
  described(CommunityRestored, 'All that the settings of a community need holds again', {
    communityId: 'gold',
    since: fact.time,
  }),
  described(HealthCheckRequested, 'Somebody wants to know how the services and the outside are', {
    checkId: '0b6ff2a4-2a52-4a07-9d6c-0c4c5f0d3a11',
    askedBy: 'intake-service',
  }),
];

export const ticks = [
  { definition: ScheduledHealthCheck, summary: 'The same question, asked by a schedule' },
  { definition: MembershipTick, summary: 'Which memberships have something due? Asked by a schedule' },
  { definition: LinkPoolTick, summary: 'Does each pool have the links that it is to have? Asked by a schedule' },
];

export const tasks = [
  {
    definition: CreateInviteLink,
    summary: 'The command to make the link of a request',
    example: { requestId: REQUEST_ID, attemptNumber: 1, deferrals: 0, traceparent: fact.traceparent },
  },
  {
    definition: AnswerJoinRequest,
    summary: 'What was decided of a join request',
    example: {
      ...counted,
      communityId: 'gold',
      chatId: '-1001234567890',
      telegramUserId: '7001',
      requestedAt: fact.time,
      approve: true,
      membershipId: membership.membershipId,
    },
  },
  {
    definition: RemoveMember,
    summary: 'The command that an account is not to be inside',
    example: {
      ...counted,
      communityId: 'gold',
      telegramUserId: '7001',
      membershipId: membership.membershipId,
      because: 'membership',
      since: '2026-02-01T10:00:00.000Z',
      reason: 'expired',
    },
  },
  {
    definition: ExamineChat,
    summary: 'The question of an operator what a chat is, and what bots may do there',
    example: { ...asked, chatId: '-1001234567890', botIds: ['7001'] },
  },
  {
    definition: ListBots,
    summary: 'The question of an operator which bots there are',
    example: asked,
  },
  {
    definition: MakeNamedLink,
    summary: 'The wish of an operator for a link made by hand',
    example: { ...asked, communityId: 'gold', name: 'Launch party', memberLimit: 50, madeBy: 'ada' },
  },
  {
    definition: RevokeNamedLink,
    summary: 'The wish of an operator to revoke such a link',
    example: { ...asked, linkId: asked.askId, revokedBy: 'ada' },
  },
  {
    definition: SendTestMessage,
    summary: 'The wish of an operator to see a message in a chat',
    example: { ...asked, communityId: 'gold', text: 'Hello' },
  },
  {
    definition: SeeMember,
    summary: 'The question where Telegram sees an account',
    example: { ...asked, communityId: 'gold', telegramUserId: '7001' },
  },
  {
    definition: FillPool,
    summary: 'The command to make a link ahead of its purchase',
    example: {
      communityId: 'default',
      poolId: '0b6ff2a4-2a52-4a07-9d6c-0c4c5f0d3a11',
      shard: 0,
      sequence: 1,
      round: 2945376,
      attemptNumber: 1,
      deferrals: 0,
      traceparent: fact.traceparent,
    },
  },
  {
    definition: RevokePoolLink,
    summary: 'The command to see to it that nobody can use a link any more',
    example: {
      poolLinkId: '636f3c3cbec781cfa1e915c55a037a83',
      revokeAt: '2026-01-02T10:00:00.000Z',
      deferrals: 0,
      traceparent: fact.traceparent,
    },
  },
  {
    definition: RevokeInviteLink,
    summary: 'The command that nobody may come in by the links of a purchase any more',
    example: { ...counted, requestId: REQUEST_ID, because: 'joined', since: fact.time },
  },
];
