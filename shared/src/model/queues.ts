import type { ServiceName } from './services.ts';
import type { Queue } from '../platform/ports/topology-types.ts';
import { deadLetterTopic } from './topics.ts';

// The only place where queues are named. Plain data without npm packages: the infrastructure program reads it, too.

/**
 * Above the slowest honest task: two reads, a turn of waiting (10 s), Telegram's 30 s, a commit that loses against
 * another and is made again, and a publish are 79 s. infra/tests/topology/time-limits.test.ts adds them up. Cloud Tasks
 * allows 15 to 1,800.
 */
const DISPATCH_DEADLINE_SECONDS = 120;

/**
 * The queue in front of Telegram. Its two rates are those of one bot (TASKS_MAX_DISPATCHES_PER_SECOND,
 * TASKS_MAX_CONCURRENT_DISPATCHES); queue-rates.ts makes those of the queue of them. link-worker finds the pace, 30 a
 * second at most. Where several communities want turns, some tasks come in vain for each that has its turn, so more are
 * dispatched. This rate keeps a backlog from being deferred all at once during a pause. One call of a bot at a time: no
 * call is on its way when another is answered with a pause. A call that takes 100 ms then allows 10 a second. If the
 * pace stays there, allow more at once.
 */
export const inviteQueue: Queue<ServiceName> = {
  name: 'tg-invite-queue',
  service: 'link-worker',
  types: ['create-invite-link'],
  // Tasks of this type were queued before there was another one, and name none.
  defaultType: 'create-invite-link',
  endpoint: '/v1/invite/worker',
  deadLetter: { topic: deadLetterTopic },
  maxDispatchesPerSecond: 100,
  maxConcurrentDispatches: 1,
  dispatchDeadlineSeconds: DISPATCH_DEADLINE_SECONDS,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 600,
};

/**
 * What operators ask of Telegram, apart from the purchases: an operator waits for the answer. A call waits 10 s for its
 * turn and 30 s for Telegram at most, as above.
 */
export const operatorQueue: Queue<ServiceName> = {
  name: 'tg-operator-queue',
  service: 'link-worker',
  types: ['examine-chat', 'list-bots', 'make-named-link', 'revoke-named-link', 'send-test-message', 'see-member'],
  deadLetter: { topic: deadLetterTopic },
  maxDispatchesPerSecond: 10,
  maxConcurrentDispatches: 5,
  dispatchDeadlineSeconds: DISPATCH_DEADLINE_SECONDS,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 10,
};

/** What has calls made apart from the purchases. link-worker finds the pace of the calls. */
const besidePurchases = {
  deadLetter: { topic: deadLetterTopic },
  maxDispatchesPerSecond: 100,
  maxConcurrentDispatches: 5,
  dispatchDeadlineSeconds: DISPATCH_DEADLINE_SECONDS,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 600,
} satisfies Partial<Queue>;

/**
 * Links that nobody waits for: those made ahead, and those to be revoked. Apart from the purchases, so that none waits
 * behind them, and so that an operator can pause them alone. Few tasks are here at any time: a shard of a pool has one.
 */
export const poolQueue: Queue<ServiceName> = {
  name: 'tg-pool-queue',
  service: 'link-worker',
  types: ['fill-pool', 'revoke-pool-link', 'revoke-invite-link'],
  ...besidePurchases,
};

/**
 * Join requests that are to be answered: somebody stands at the door. Apart from the removals, for a queue is dispatched
 * in the order of its tasks, and a midnight with many ends must keep nobody waiting.
 */
export const approvalQueue: Queue<ServiceName> = {
  name: 'tg-approval-queue',
  service: 'link-worker',
  types: ['answer-join-request'],
  ...besidePurchases,
};

/** Who is to be removed. Its calls and those of the approvals share the turns of link-worker, approvals first. */
export const memberQueue: Queue<ServiceName> = {
  name: 'tg-member-queue',
  service: 'link-worker',
  types: ['remove-member'],
  ...besidePurchases,
};
