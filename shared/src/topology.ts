import { botPauses } from './documents/bot-pauses.ts';
import { deadLetters } from './documents/dead-letters.ts';
import { emissions } from './documents/emissions.ts';
import { inviteLinks } from './documents/invite-links.ts';
import { inviteRequests } from './documents/invite-requests.ts';
import { joins, unmatchedJoins } from './documents/joins.ts';
import type { Queue, Subscription, Topic, Topology } from './topology-types.ts';

// The only place where topics, subscriptions and queues are named and their policies set. The embedded backend
// reads it; so will every other engine and the infrastructure program.

/** A week: a bad deploy on a Friday can be replayed on Monday. */
const RETENTION_SECONDS = 7 * 24 * 3600;

/**
 * With backoff up to 10 minutes, 100 failed deliveries take about 16 hours. A WebEngage or database outage shorter than
 * that heals by itself. Pub/Sub allows 5 to 100.
 */
const OUTAGE_ATTEMPTS = 100;

/**
 * Longer than the slowest honest handler: an outside call may take its whole timeout (WEBENGAGE_TIMEOUT_MS) on each of
 * its brief retries. Pub/Sub allows 10 to 600.
 */
const ACK_DEADLINE_SECONDS = 60;

export const purchaseEvents: Topic = { name: 'purchase-events', retentionSeconds: RETENTION_SECONDS };
export const linkCreatedEvents: Topic = { name: 'link-created-events', retentionSeconds: RETENTION_SECONDS };
export const memberJoinedEvents: Topic = { name: 'member-joined-events', retentionSeconds: RETENTION_SECONDS };
export const deadLetterTopic: Topic = { name: 'dead-letters', retentionSeconds: RETENTION_SECONDS };

const outagePolicy = {
  ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 600,
  deadLetter: { topic: deadLetterTopic, maxDeliveryAttempts: OUTAGE_ATTEMPTS },
};

export const purchasesForLinkWorker: Subscription = {
  name: 'link-worker-purchase-events',
  topic: purchaseEvents,
  service: 'link-worker',
  ...outagePolicy,
  maxConcurrency: 200,
};

// 5,000 events a minute is WebEngage's own limit; 50 calls at once pass it even when each takes half a second.
export const createdLinksForEventEmitter: Subscription = {
  name: 'event-emitter-link-created-events',
  topic: linkCreatedEvents,
  service: 'event-emitter',
  ...outagePolicy,
  maxConcurrency: 50,
};

export const joinedMembersForEventEmitter: Subscription = {
  name: 'event-emitter-member-joined-events',
  topic: memberJoinedEvents,
  service: 'event-emitter',
  ...outagePolicy,
  maxConcurrency: 50,
};

/** The last resort has no dead letters of its own: it is retried until the store takes it. */
export const deadLettersForIntake: Subscription = {
  name: 'intake-service-dead-letters',
  topic: deadLetterTopic,
  service: 'intake-service',
  ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 600,
  maxConcurrency: 20,
};

/**
 * The throttle in front of Telegram. The two rates are defaults (TASKS_MAX_DISPATCHES_PER_SECOND,
 * TASKS_MAX_CONCURRENT_DISPATCHES); nobody knows Telegram's limit for links, and operators run 20 a minute to 5 a second.
 */
export const inviteQueue: Queue = {
  name: 'tg-invite-queue',
  service: 'link-worker',
  maxDispatchesPerSecond: 5,
  maxConcurrentDispatches: 1,
  // Above the worst honest case: a turn of waiting, then TELEGRAM_TIMEOUT_MS, then two commits.
  dispatchDeadlineSeconds: 60,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 600,
};

export const topology: Topology = {
  topics: [purchaseEvents, linkCreatedEvents, memberJoinedEvents, deadLetterTopic],
  subscriptions: [purchasesForLinkWorker, createdLinksForEventEmitter, joinedMembersForEventEmitter, deadLettersForIntake],
  queues: [inviteQueue],
  collections: [inviteRequests, inviteLinks, joins, unmatchedJoins, emissions, deadLetters, botPauses],
};
