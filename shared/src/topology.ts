import { botRates } from './model/communities/bot-rate.ts';
import { chatCandidates } from './model/communities/chat-candidate.ts';
import { chatStandings } from './model/communities/chat-standing.ts';
import { chatMigrations } from './model/communities/chat-migration.ts';
import { communities } from './model/communities/community.ts';
import { connectionCodes } from './model/communities/connection-code.ts';
import { communityChats } from './model/communities/community-chat.ts';
import { deadLetters } from './model/operations/dead-letter.ts';
import { emissions } from './model/emissions/emission.ts';
import { healthReports } from './model/operations/health-report.ts';
import { inviteLinks } from './model/links/invite-link.ts';
import { linkPools } from './model/links/link-pool.ts';
import { LinkPoolTick } from './model/links/link-pool-tick.ts';
import { poolLinks } from './model/links/pool-link.ts';
import { inviteRequests } from './model/links/invite-request.ts';
import { namedLinks } from './model/links/named-link.ts';
import { appliedSettings } from './model/memberships/applied-settings.ts';
import { grants } from './model/memberships/grant.ts';
import { joins, unmatchedJoins } from './model/memberships/join.ts';
import { MembershipTick } from './model/memberships/membership-tick.ts';
import { memberships } from './model/memberships/membership.ts';
import { removalGuards } from './model/memberships/removal-guard.ts';
import { polledUpdates } from './model/operations/polled-update.ts';
import { rebuildMarks } from './model/operations/rebuild-mark.ts';
import { retainedReadings } from './model/operations/retained-reading.ts';
import { ScheduledHealthCheck } from './model/operations/scheduled-health-check.ts';
import { storeOwners } from './model/operations/store-owner.ts';
import { telegramAnswers } from './model/operations/telegram-answer.ts';
import { plans } from './model/plans/plan.ts';
import { approvalQueue, inviteQueue, memberQueue, operatorQueue, poolQueue } from './model/queues.ts';
import {
  ABOUT_MEMBERSHIP,
  communityEvents,
  deadLetterTopic,
  healthChecks,
  linkCreatedEvents,
  linkPoolTicks,
  memberJoinedEvents,
  membershipEvents,
  membershipTicks,
  purchaseEvents,
  topics,
} from './model/topics.ts';
import type { ServiceName } from './model/services.ts';
import type { Schedule, Subscription, Topology } from './platform/ports/topology-types.ts';

// The only place where services and subscriptions are named and their policies set. With the topics, queues and
// collections of the model it makes the topology, which every backend and the infrastructure program read.

/** Each is an image, a process and a Cloud Run service of that name. */
export const SERVICES = [
  'intake-service',
  'link-worker',
  'join-tracker',
  'event-emitter',
] as const satisfies readonly ServiceName[];
export const [intakeService, linkWorker, joinTracker, eventEmitter] = SERVICES;

/**
 * Who is called from outside, and by whom. All others take calls of Pub/Sub and Cloud Tasks only, and stand behind the
 * platform's own check of callers: the infrastructure program opens these, and only these, to the public.
 */
export const PUBLIC_SERVICES: ReadonlyMap<ServiceName, string> = new Map<ServiceName, string>([
  [intakeService, 'WebEngage and operators call it; it asks for an API key'],
  [joinTracker, 'Telegram calls it; it asks for the webhook secret'],
]);

/**
 * With backoff up to 10 minutes, 100 failed deliveries take about 16 hours. A WebEngage or database outage shorter than
 * that heals by itself. Pub/Sub allows 5 to 100.
 */
const OUTAGE_ATTEMPTS = 100;

// How long things may take, from the inside out. Each limit lies above the sum of what happens within it, or one and
// the same message would be at work twice; infra/tests/topology/time-limits.test.ts adds them up.
//   8 s   Telegram's own client holds a call back that long before it answers 429 (tdlib/td)
//   30 s  TELEGRAM_TIMEOUT_MS: well above, for a link that is made but not heard of is an orphan
//   15 s  WEBENGAGE_TIMEOUT_MS: three attempts at most, of which only those that break off early are repeated
//   5.5 s one call of Pub/Sub, Firestore or Cloud Tasks with its repeats
// The deadline of a task is with its queue: model/queues.ts.

/**
 * For push this is the HTTP timeout. Above the slowest honest handler: two looks into the ledger and one at the
 * request, a turn of waiting (15 s), three calls of WebEngage, the entry in the ledger and a dead letter are 88 s.
 * Pub/Sub allows 10 to 600.
 */
const ACK_DEADLINE_SECONDS = 90;

/** An event of a membership, before which the attributes of its user are set: a query, another turn, another call. */
const USER_ACK_DEADLINE_SECONDS = 135;

/** What a platform that ends long requests by itself must allow (Cloud Run: the request timeout of the service). */
export const REQUEST_TIMEOUT_SECONDS = 150;

const outagePolicy = {
  ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 600,
  deadLetter: { topic: deadLetterTopic, maxDeliveryAttempts: OUTAGE_ATTEMPTS },
};

export const purchasesForLinkWorker: Subscription<ServiceName> = {
  name: 'link-worker-purchase-events',
  topic: purchaseEvents,
  service: 'link-worker',
  ...outagePolicy,
  maxConcurrency: 200,
};

/** Purchases that make memberships, refunds and disputes as grants. All other purchases cost it nothing. */
export const purchasesForJoinTracker: Subscription<ServiceName> = {
  name: 'join-tracker-purchase-events',
  topic: purchaseEvents,
  service: 'join-tracker',
  onlyWith: ABOUT_MEMBERSHIP,
  ...outagePolicy,
  maxConcurrency: 50,
};

/** Links of memberships that expire. All others cost it nothing. */
export const createdLinksForJoinTracker: Subscription<ServiceName> = {
  name: 'join-tracker-link-created-events',
  topic: linkCreatedEvents,
  service: 'join-tracker',
  onlyWith: ABOUT_MEMBERSHIP,
  ...outagePolicy,
  maxConcurrency: 20,
};

/** What Telegram answered to removals. */
export const membershipsForJoinTracker: Subscription<ServiceName> = {
  name: 'join-tracker-membership-events',
  topic: membershipEvents,
  service: 'join-tracker',
  ...outagePolicy,
  maxConcurrency: 20,
};

export const membershipsForEventEmitter: Subscription<ServiceName> = {
  name: 'event-emitter-membership-events',
  topic: membershipEvents,
  service: 'event-emitter',
  ...outagePolicy,
  ackDeadlineSeconds: USER_ACK_DEADLINE_SECONDS,
  maxConcurrency: 50,
};

// 5,000 events a minute is WebEngage's own limit; 50 calls at once pass it even when each takes half a second.
export const createdLinksForEventEmitter: Subscription<ServiceName> = {
  name: 'event-emitter-link-created-events',
  topic: linkCreatedEvents,
  service: 'event-emitter',
  ...outagePolicy,
  maxConcurrency: 50,
};

export const joinedMembersForEventEmitter: Subscription<ServiceName> = {
  name: 'event-emitter-member-joined-events',
  topic: memberJoinedEvents,
  service: 'event-emitter',
  ...outagePolicy,
  ackDeadlineSeconds: USER_ACK_DEADLINE_SECONDS,
  maxConcurrency: 50,
};

/** The owner of the communities follows what happens to their chats. */
export const communityEventsForIntake: Subscription<ServiceName> = {
  name: 'intake-service-community-events',
  topic: communityEvents,
  service: 'intake-service',
  ...outagePolicy,
  maxConcurrency: 5,
};

/** The last resort has no dead letters of its own: it is retried until the store takes it. */
export const deadLettersForIntake: Subscription<ServiceName> = {
  name: 'intake-service-dead-letters',
  topic: deadLetterTopic,
  service: 'intake-service',
  ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 600,
  maxConcurrency: 20,
};

// Never a dead letter for its failed deliveries: a check that nobody could answer is of no use later, and its age ends
// it. One that cannot be read is.
const healthChecksFor = (service: ServiceName): Subscription<ServiceName> => ({
  name: `${service}-${healthChecks.name}`,
  topic: healthChecks,
  service,
  deadLetter: { topic: deadLetterTopic },
  ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 60,
  // One after the other, so that an older look never overwrites a newer one.
  maxConcurrency: 1,
});

/** Each of these holds a secret, and checks what depends on it. */
export const healthChecksForLinkWorker = healthChecksFor('link-worker');
export const healthChecksForJoinTracker = healthChecksFor('join-tracker');
export const healthChecksForEventEmitter = healthChecksFor('event-emitter');

/** A tick that failed is of no use later: the next one comes within a minute. */
export const linkPoolTicksForLinkWorker: Subscription<ServiceName> = {
  name: 'link-worker-link-pool-ticks',
  topic: linkPoolTicks,
  service: 'link-worker',
  deadLetter: { topic: deadLetterTopic },
  ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
  minBackoffSeconds: 10,
  maxBackoffSeconds: 60,
  maxConcurrency: 1,
};

/** One after the other: the next one goes on where this one had to stop. */
export const membershipTicksForJoinTracker: Subscription<ServiceName> = {
  name: 'join-tracker-membership-ticks',
  topic: membershipTicks,
  service: 'join-tracker',
  deadLetter: { topic: deadLetterTopic },
  ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
  minBackoffSeconds: 10,
  maxBackoffSeconds: 60,
  maxConcurrency: 1,
};

/**
 * Soon enough for somebody to act within the day for which Telegram keeps updates, and rare enough to cost nothing.
 * Embedded, HEALTH_CHECK_MINUTES says how often.
 */
export const healthCheckSchedule: Schedule = {
  name: 'health-check',
  description: 'Asks every service for a health check',
  topic: healthChecks,
  message: ScheduledHealthCheck.message,
  everyMinutes: 10,
};

/** Where no community has a pool, a tick costs a few reads of Firestore. */
export const linkPoolSchedule: Schedule = {
  name: 'link-pool-tick',
  description: 'Has the pools of links filled',
  topic: linkPoolTicks,
  message: LinkPoolTick.message,
  everyMinutes: 1,
};

/** Where nothing is due, a tick costs a read for each shard. Embedded, MEMBERSHIP_TICK_SECONDS says how often. */
export const membershipSchedule: Schedule = {
  name: 'membership-tick',
  description: 'Has what is due of memberships done',
  topic: membershipTicks,
  message: MembershipTick.message,
  everyMinutes: 1,
};

export const schedules: readonly Schedule[] = [healthCheckSchedule, linkPoolSchedule, membershipSchedule];

export const topology: Topology<ServiceName> = {
  topics,
  subscriptions: [
    purchasesForLinkWorker,
    createdLinksForEventEmitter,
    joinedMembersForEventEmitter,
    purchasesForJoinTracker,
    createdLinksForJoinTracker,
    membershipsForJoinTracker,
    membershipsForEventEmitter,
    communityEventsForIntake,
    deadLettersForIntake,
    healthChecksForLinkWorker,
    healthChecksForJoinTracker,
    healthChecksForEventEmitter,
    linkPoolTicksForLinkWorker,
    membershipTicksForJoinTracker,
  ],
  queues: [inviteQueue, approvalQueue, memberQueue, operatorQueue, poolQueue],
  collections: [
    inviteRequests,
    inviteLinks,
    namedLinks,
    poolLinks,
    linkPools,
    joins,
    unmatchedJoins,
    plans,
    grants,
    memberships,
    removalGuards,
    appliedSettings,
    emissions,
    deadLetters,
    botRates,
    chatMigrations,
    communities,
    communityChats,
    connectionCodes,
    chatStandings,
    chatCandidates,
    telegramAnswers,
    healthReports,
    polledUpdates,
    retainedReadings,
    rebuildMarks,
    storeOwners,
  ],
};
