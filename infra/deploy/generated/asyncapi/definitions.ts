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
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { HealthCheckRequested } from '@paid-community/shared/model/operations/health-check-requested.ts';
import {
  ExamineChat,
  ListBots,
  MakeNamedLink,
  RevokeNamedLink,
  SendTestMessage,
} from '@paid-community/shared/model/operations/telegram-questions.ts';
import { ScheduledHealthCheck } from '@paid-community/shared/model/operations/scheduled-health-check.ts';
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

/** An event with one of its kind, as an example and for tests. */
function described<Data>(
  definition: EventDefinition<Data>,
  summary: string,
  data: Data,
): { readonly definition: EventDefinition<Data>; readonly summary: string; readonly example: object } {
  return { definition, summary, example: definition.create({ ...fact, data }) };
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
  described(LinkCreated, "The buyer's link exists and is recorded", { ...purchase, inviteLink }),
  described(MemberJoined, 'Somebody joined through the link of a purchase, for the first time', {
    ...purchase,
    inviteLink,
    telegramUserId: '7001',
  }),
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
  { definition: LinkPoolTick, summary: 'Does each pool have the links that it is to have? Asked by a schedule' },
];

export const tasks = [
  {
    definition: CreateInviteLink,
    summary: 'The command to make the link of a request',
    example: { requestId: REQUEST_ID, attemptNumber: 1, deferrals: 0, traceparent: fact.traceparent },
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
];
