// Every metric of the system: the only place where they are named. docs/metrics.md has the same table for people; a test
// holds the two together, and holds the names of HTTP and messaging metrics against OpenTelemetry's semantic
// conventions.

export interface Metric<Attribute extends string = string> {
  readonly name: string;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  /** UCUM, as OpenTelemetry asks: `s`, or `{thing}` for a count. */
  readonly unit: string;
  readonly description: string;
  /**
   * All attributes that a series may carry. None has more values than the code, the topology and HTTP know: no ids, no
   * texts from outside.
   */
  readonly attributes: readonly Attribute[];
  /** Upper bounds of a histogram's buckets. */
  readonly bounds?: readonly number[];
}

function define<const Attribute extends string = never>(metric: Metric<Attribute>): Metric<Attribute> {
  return metric;
}

/** https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ and the same for messaging. */
const CALL_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** From a tenth of a second to thirty days: a buyer may wait for Telegram's pause, and join next week. */
const WAIT_BOUNDS = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800, 2_592_000,
];

// What the business asks for.

export const purchases = define({
  name: 'paid_community.purchases',
  kind: 'counter',
  unit: '{purchase}',
  description: 'Purchases that were offered with a valid key, by outcome: accepted, invalid or unavailable',
  attributes: ['outcome'],
});

export const links = define({
  name: 'paid_community.links',
  kind: 'counter',
  unit: '{link}',
  description:
    'Attempts to make a link, by outcome: created (and recorded, or taken from a pool), told_to_wait, needs_administrator, refused, unknown or transient',
  attributes: ['outcome'],
});

export const events = define({
  name: 'paid_community.events',
  kind: 'counter',
  unit: '{event}',
  description:
    'Events on their way to WebEngage, by event (link_created, joined, or an event of a membership) and outcome: sent, already_sent, superseded by what happened since, expired, no_user (imported without a userId), erased, refused, or failed and to be retried',
  attributes: ['event', 'outcome'],
});

export const userUpdates = define({
  name: 'paid_community.user_updates',
  kind: 'counter',
  unit: '{update}',
  description:
    'WebEngage users whose attributes were to be as their memberships are, by outcome: sent, refused, or failed and to be retried',
  attributes: ['outcome'],
});

export const joins = define({
  name: 'paid_community.joins',
  kind: 'counter',
  unit: '{join}',
  description:
    'Joins that Telegram told of, by outcome: tracked, already_tracked, repeated (another person or time), unmatched or foreign_chat (of no concern)',
  attributes: ['outcome'],
});

export const purchaseToLink = define({
  name: 'paid_community.purchase_to_link.duration',
  kind: 'histogram',
  unit: 's',
  description: 'From the acceptance of a purchase until its link is recorded',
  attributes: [],
  bounds: WAIT_BOUNDS,
});

export const purchaseToEvent = define({
  name: 'paid_community.purchase_to_event.duration',
  kind: 'histogram',
  unit: 's',
  description: 'From the acceptance of a purchase until WebEngage took the event that its link is there',
  attributes: [],
  bounds: WAIT_BOUNDS,
});

export const linkToJoin = define({
  name: 'paid_community.link_to_join.duration',
  kind: 'histogram',
  unit: 's',
  description:
    'From the moment a link was recorded until somebody joined through it, by the clock of Telegram (whole seconds)',
  attributes: [],
  bounds: WAIT_BOUNDS,
});

export const throttledCalls = define({
  name: 'paid_community.telegram.throttled',
  kind: 'counter',
  unit: '{call}',
  description: 'Calls that Telegram answered with 429, by method',
  attributes: ['method'],
});

export const pauseRemaining = define({
  name: 'paid_community.telegram.pause.remaining',
  kind: 'gauge',
  unit: 's',
  description: 'The longest time for which Telegram still wants a bot to make no link; 0 = all may',
  attributes: [],
});

export const openDeadLetters = define({
  name: 'paid_community.dead_letters',
  kind: 'gauge',
  unit: '{letter}',
  description: 'Dead letters that wait for an operator, by the subscription or queue that gave up',
  attributes: ['source'],
});

export const heldRemovals = define({
  name: 'paid_community.removals.held',
  kind: 'gauge',
  unit: '{person}',
  description: 'People who are to be removed, and are held until an operator has looked: the breaker has tripped',
  attributes: [],
});

export const subscriptionBacklog = define({
  name: 'paid_community.subscription.backlog',
  kind: 'gauge',
  unit: '{message}',
  description: 'Messages that a subscription has not acknowledged',
  attributes: ['messaging.destination.subscription.name'],
});

export const subscriptionOldestAge = define({
  name: 'paid_community.subscription.oldest_age',
  kind: 'gauge',
  unit: 's',
  description: 'Age of the oldest message that a subscription has not acknowledged; 0 = there is none',
  attributes: ['messaging.destination.subscription.name'],
});

export const queueBacklog = define({
  name: 'paid_community.queue.backlog',
  kind: 'gauge',
  unit: '{task}',
  description: 'Tasks that are not finished, follow-ups with a later time included',
  attributes: ['messaging.destination.name'],
});

export const ledgerAge = define({
  name: 'paid_community.ledger.age',
  kind: 'gauge',
  unit: 's',
  description:
    'Age of the oldest event that is not in the ledger: what WebEngage has not been told yet; 0 = all is told',
  attributes: [],
});

// OpenTelemetry's own names: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ and
// …/messaging/messaging-metrics/

export const httpServerDuration = define({
  name: 'http.server.request.duration',
  kind: 'histogram',
  unit: 's',
  description: 'Duration of HTTP requests that were answered',
  attributes: ['http.request.method', 'http.route', 'http.response.status_code', 'url.scheme'],
  bounds: CALL_BOUNDS,
});

export const httpClientDuration = define({
  name: 'http.client.request.duration',
  kind: 'histogram',
  unit: 's',
  description: 'Duration of calls to Telegram and WebEngage',
  attributes: [
    'http.request.method',
    'server.address',
    'server.port',
    'url.template',
    'http.response.status_code',
    'error.type',
  ],
  bounds: CALL_BOUNDS,
});

export const messagingSendDuration = define({
  name: 'messaging.client.operation.duration',
  kind: 'histogram',
  unit: 's',
  description: 'Until a message or task was durable',
  attributes: [
    'messaging.system',
    'messaging.operation.name',
    'messaging.operation.type',
    'messaging.destination.name',
    'error.type',
  ],
  bounds: CALL_BOUNDS,
});

export const messagingProcessDuration = define({
  name: 'messaging.process.duration',
  kind: 'histogram',
  unit: 's',
  description:
    'Duration of the handling of a message or task; with error.type when it was handed back or became a dead letter',
  attributes: [
    'messaging.system',
    'messaging.operation.name',
    'messaging.destination.name',
    'messaging.destination.subscription.name',
    'error.type',
  ],
  bounds: CALL_BOUNDS,
});

/** Of a message bus and of a task queue, for the attribute messaging.system. */
export interface MessagingSystems {
  readonly bus: string;
  readonly queue: string;
}
