import { Metric } from '@pulumi/gcp/logging/metric.js';
import { eventEmitter, intakeService, joinTracker, linkWorker, SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { Context } from '../context.ts';

/**
 * A line of the log that is counted. A test finds message and outcome in the source that writes them, unless Cloud Run
 * writes it.
 */
export interface CountedLine {
  readonly name: string;
  readonly description: string;
  readonly services: readonly ServiceName[];
  /** Folder of the source, from the root of the repository; or Cloud Run itself. */
  readonly writtenBy: string;
  readonly message?: string;
  readonly outcome?: string;
  readonly severity?: 'ERROR';
  /** A condition besides; or all of them, for lines that are not ours. */
  readonly condition?: string;
  /** Beginning of the name of a health check that turned bad. */
  readonly failingCheck?: string;
}

const LINK_CALL = { services: [linkWorker], writtenBy: 'link-worker/src', message: 'link call' };

export const COUNTED_LINES = {
  purchasesAccepted: {
    name: 'purchases_accepted',
    description: 'Purchases that were acknowledged',
    services: [intakeService],
    writtenBy: 'intake-service/src',
    message: 'purchase accepted',
  },
  linkCalls: { ...LINK_CALL, name: 'link_calls', description: 'Calls to Telegram for a link' },
  linksCreated: {
    ...LINK_CALL,
    name: 'links_created',
    description: 'Links that Telegram made for a purchase',
    outcome: 'created',
    condition: 'NOT jsonPayload.call="pool"',
  },
  linksTaken: {
    services: [linkWorker],
    writtenBy: 'link-worker/src',
    name: 'links_taken',
    description: 'Links that were made ahead, and given to a purchase',
    message: 'link of the pool',
    outcome: 'taken',
  },
  linkCallsToldToWait: {
    ...LINK_CALL,
    name: 'link_calls_told_to_wait',
    description: 'Calls that Telegram answered with 429',
    outcome: 'told_to_wait',
  },
  eventsSent: {
    name: 'events_sent',
    description: 'Events that WebEngage has taken',
    services: [eventEmitter],
    writtenBy: 'event-emitter/src',
    message: 'emission',
    outcome: 'sent',
  },
  joinsTracked: {
    name: 'joins_tracked',
    description: 'First joins through a link of ours',
    services: [joinTracker],
    writtenBy: 'join-tracker/src',
    message: 'join',
    outcome: 'tracked',
  },
  removalsHeld: {
    name: 'removals_held',
    description: 'Communities whose removals the breaker has stopped',
    services: [joinTracker],
    writtenBy: 'join-tracker/src',
    message: 'removals of a community',
    outcome: 'held',
  },
  removalsFailed: {
    name: 'removals_failed',
    description: 'People whom Telegram does not let us remove',
    services: [linkWorker],
    writtenBy: 'link-worker/src',
    message: 'removal failed',
    outcome: 'impossible',
  },
  deadLettered: {
    name: 'dead_lettered',
    description: 'Messages and tasks that a handler has parked',
    services: SERVICES,
    writtenBy: 'shared/src/platform/service',
    message: 'delivery',
    outcome: 'dead_lettered',
  },
  webhookFailing: {
    name: 'webhook_failing',
    description: 'Health checks that found the webhook of the bot not as it must be',
    services: SERVICES,
    writtenBy: 'shared/src/health',
    message: 'health: failing',
    failingCheck: 'webhook',
  },
  containersEnded: {
    name: 'containers_ended',
    description: 'Containers that crashed, did not start, were found dead or used more memory than they have',
    services: SERVICES,
    writtenBy: 'Cloud Run',
    // Plain text in the system's own log, so that no condition on our lines finds it. An end with code 0 is a stop.
    condition: 'logName:"varlog%2Fsystem" AND (severity>=ERROR OR textPayload=~"^Container called exit[(][1-9]")',
  },
  errors: {
    name: 'error_lines',
    description: 'Lines of the level error: somebody has to look',
    services: SERVICES,
    writtenBy: 'shared/src/platform/log',
    severity: 'ERROR',
  },
} as const satisfies Readonly<Record<string, CountedLine>>;

export type CountedLines = Readonly<Record<keyof typeof COUNTED_LINES, Metric>>;

export function declareLogMetrics({ project, after }: Context): CountedLines {
  return Object.fromEntries(
    Object.entries(COUNTED_LINES).map(([key, line]) => [
      key,
      new Metric(
        line.name.replaceAll('_', '-'),
        {
          project,
          name: line.name,
          description: line.description,
          filter: filterOf(line),
          metricDescriptor: {
            metricKind: 'DELTA',
            valueType: 'INT64',
            unit: '1',
            labels: [{ key: 'service', valueType: 'STRING' }],
          },
          labelExtractors: { service: 'EXTRACT(resource.labels.service_name)' },
        },
        after('logging'),
      ),
    ]),
  ) as Record<keyof typeof COUNTED_LINES, Metric>;
}

/** https://cloud.google.com/logging/docs/view/logging-query-language */
export function filterOf({ services, message, outcome, severity, failingCheck, condition }: CountedLine): string {
  return [
    'resource.type="cloud_run_revision"',
    `resource.labels.service_name=(${services.map((service) => JSON.stringify(service)).join(' OR ')})`,
    ...(message === undefined ? [] : [`jsonPayload.message=${JSON.stringify(message)}`]),
    ...(outcome === undefined ? [] : [`jsonPayload.outcome=${JSON.stringify(outcome)}`]),
    // With a message: Cloud Run's own lines about requests that fail have that severity too.
    ...(severity === undefined ? [] : [`severity=${JSON.stringify(severity)}`, 'jsonPayload.message:*']),
    // Of a list, one that matches is enough.
    ...(failingCheck === undefined ? [] : [`jsonPayload.failing.check=~${JSON.stringify(`^${failingCheck}`)}`]),
    ...(condition === undefined ? [] : [condition]),
  ].join(' AND ');
}

/**
 * A metric made of log lines, in PromQL (https://cloud.google.com/monitoring/promql/promql-mapping). One that may be of
 * several kinds of resource must name its own, and a query that does not is refused when it runs:
 * disableMetricValidation makes it all the same, and it never fires.
 */
export function inPromQl({ name }: Pick<CountedLine, 'name'>): string {
  return `logging_googleapis_com:user_${name}{monitored_resource="cloud_run_revision"}`;
}
