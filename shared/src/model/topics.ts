import type { Topic } from '../platform/ports/topology-types.ts';

// The only place where topics are named. Plain data without npm packages: the infrastructure program reads it, too.

/** A week: a bad deploy on a Friday can be replayed on Monday. */
const RETENTION_SECONDS = 7 * 24 * 3600;

/** An attribute of messages of purchases and their links, of those that memberships depend on. */
export const ABOUT_MEMBERSHIP = 'membership';

/** Purchases, and all else that link-worker must take in the order of its purchases. */
export const purchaseEvents: Topic = {
  name: 'purchase-events',
  types: ['PurchaseReceived', 'LinkExpired', 'LinkNeeded', 'PurchaseRefunded', 'PurchaseDisputed', 'DisputeClosed'],
  personalData: ['userId', 'transactionId', 'telegramUserId', 'email', 'words of others'],
  retentionSeconds: RETENTION_SECONDS,
  archiveSubscription: 'archive-purchase-events',
};

export const linkCreatedEvents: Topic = {
  name: 'link-created-events',
  types: ['LinkCreated'],
  personalData: ['userId', 'transactionId', 'inviteLink'],
  retentionSeconds: RETENTION_SECONDS,
  archiveSubscription: 'archive-link-created-events',
};

export const memberJoinedEvents: Topic = {
  name: 'member-joined-events',
  types: ['MemberJoined'],
  personalData: ['userId', 'transactionId', 'inviteLink', 'telegramUserId'],
  retentionSeconds: RETENTION_SECONDS,
  archiveSubscription: 'archive-member-joined-events',
};

/** What becomes of memberships, and of the people in them. */
export const membershipEvents: Topic = {
  name: 'membership-events',
  types: [
    'MembershipStarted',
    'MembershipRenewed',
    'MembershipExpiring',
    'MembershipGraceStarted',
    'MembershipExpired',
    'MembershipRevoked',
    'MembershipCancelled',
    'MemberLeft',
    'MemberRejoined',
    'MemberRemoved',
    'RemovalFailed',
    'WrongPersonJoined',
    'JoinRequestApproved',
    'JoinRequestDeclined',
    'LinkExpiredUnused',
  ],
  personalData: ['userId', 'transactionId', 'telegramUserId', 'words of others'],
  retentionSeconds: RETENTION_SECONDS,
  archiveSubscription: 'archive-membership-events',
};

/** What becomes of communities, their chats and their bots. */
export const communityEvents: Topic = {
  name: 'community-events',
  types: ['ChatOffered', 'ChatMigrated', 'CommunityConnected', 'CommunityImpaired', 'CommunityRestored'],
  retentionSeconds: RETENTION_SECONDS,
  archiveSubscription: 'archive-community-events',
};

/** What nobody could process, in the form in which it came: this topic declares no types. */
export const deadLetterTopic: Topic = {
  name: 'dead-letters',
  personalData: ['userId', 'transactionId', 'inviteLink', 'telegramUserId', 'words of others'],
  retentionSeconds: RETENTION_SECONDS,
  archiveSubscription: 'archive-dead-letters',
};

/** An answer is of use within minutes only. Ten minutes is the least retention that Pub/Sub allows. */
export const healthChecks: Topic = {
  name: 'health-checks',
  types: ['HealthCheckRequested', 'ScheduledHealthCheck'],
  retentionSeconds: 600,
};

/** What one tick leaves undone, the next one does. */
export const linkPoolTicks: Topic = {
  name: 'link-pool-ticks',
  types: ['LinkPoolTick'],
  retentionSeconds: 600,
};

/** What one tick leaves undone, the next one does. */
export const membershipTicks: Topic = {
  name: 'membership-ticks',
  types: ['MembershipTick'],
  retentionSeconds: 600,
};

export const topics: readonly Topic[] = [
  purchaseEvents,
  linkCreatedEvents,
  memberJoinedEvents,
  membershipEvents,
  communityEvents,
  deadLetterTopic,
  healthChecks,
  linkPoolTicks,
  membershipTicks,
];
