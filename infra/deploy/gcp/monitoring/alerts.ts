import { AlertPolicy } from '@pulumi/gcp/monitoring/alertPolicy.js';
import type { NotificationChannel } from '@pulumi/gcp/monitoring/notificationChannel.js';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { deadLetterTopic } from '@paid-community/shared/model/topics.ts';
import { SERVICES, topology } from '@paid-community/shared/topology.ts';
import type { StackConfig } from '../config.ts';
import { waitingFor, type Context } from '../context.ts';
import { COUNTED_LINES, inPromQl, type CountedLine, type CountedLines } from './log-metrics.ts';

/**
 * Share of requests that fail before somebody is told. A push endpoint says 503 for "again": Telegram or WebEngage may
 * be away.
 */
const FAILED_SHARE = 0.1;
/** Share of calls that Telegram may refuse with 429 before the pace should be lowered. */
const TOLD_TO_WAIT_SHARE = 0.2;
/**
 * Each request that waits for its link makes an attempt within an hour, after every kind of error. A queue that
 * attempts nothing for longer than this, and is not empty, stands still.
 */
const LONGEST_WAIT_MINUTES = 75;
/** So many links of a day must have brought a join, or joins do not reach us. */
const LINKS_WITHOUT_JOIN = 20;

export interface Alert {
  readonly name: string;
  readonly title: string;
  /** Holds while the query returns anything. */
  readonly query: string;
  /** Seconds for which it must hold; 0 tells at once. */
  readonly forSeconds: number;
  readonly severity: 'WARNING' | 'ERROR' | 'CRITICAL';
  /** What it means and what to do: the text of the e-mail. */
  readonly meaning: string;
}

const {
  containersEnded,
  purchasesAccepted,
  linkCalls,
  linkCallsToldToWait,
  linksCreated,
  linksTaken,
  joinsTracked,
  deadLettered,
  errors,
  webhookFailing,
  removalsHeld,
  removalsFailed,
} = COUNTED_LINES;

export function alerts({
  config,
}: {
  readonly config: { readonly values: Pick<StackConfig['values'], 'alertOldestMessageMinutes'> };
}): readonly Alert[] {
  const minutes = config.values.alertOldestMessageMinutes;
  const services = SERVICES.join('|');
  // Of the purchases alone: an operator waits for what the other queue has, and is told that nobody answers.
  const queue = `{monitored_resource="cloud_tasks_queue",queue_id="${inviteQueue.name}"}`;
  const waiting = `(max(cloudtasks_googleapis_com:queue_depth${queue}) > 0)`;
  const attempted = (window: string): string =>
    `(sum(increase(cloudtasks_googleapis_com:queue_task_attempt_count${queue}[${window}])) > 0)`;
  const requests = (filter: string): string =>
    `sum by (service_name) (rate(run_googleapis_com:request_count{monitored_resource="cloud_run_revision",service_name=~"${services}"${filter}}[10m]))`;
  const manyIn = (line: CountedLine): string => `sum(increase(${inPromQl(line)}[1d])) > ${LINKS_WITHOUT_JOIN}`;
  return [
    {
      name: deadLetterTopic.name,
      title: 'Dead letters',
      // All ways in: what was published there, what Pub/Sub moved when the deliveries ran out, and what a handler says
      // that it parked.
      query: `sum(increase(pubsub_googleapis_com:topic_send_message_operation_count{monitored_resource="pubsub_topic",topic_id="${deadLetterTopic.name}"}[10m])) > 0 or sum(increase(pubsub_googleapis_com:subscription_dead_letter_message_count{monitored_resource="pubsub_subscription"}[10m])) > 0 or sum(increase(${inPromQl(deadLettered)}[10m])) > 0`,
      forSeconds: 0,
      severity: 'ERROR',
      meaning:
        'Something could not be processed and waits for a person: a purchase may be without its link. List the dead letters, mend the reason that each one names, and retry them.',
    },
    {
      name: 'oldest-message',
      title: `A message waits longer than ${minutes} minutes`,
      query: `max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource="pubsub_subscription",subscription_id=~"${topology.subscriptions.map(({ name }) => name).join('|')}"}) > ${minutes * 60}`,
      forSeconds: 300,
      severity: 'ERROR',
      meaning:
        'A subscription does not get rid of its messages. Look at the log of its service: it says for each delivery why it was handed back.',
    },
    {
      name: 'oldest-task',
      title: 'The queue in front of Telegram does not move',
      // A long queue is normal in a flash sale. The depth counts tasks of a later time too, so one request with an
      // hourly attempt looks like a queue that stands still. A purchase since then tells them apart, because its first
      // attempt is due at once; so does an hour. One that took a link of the pool needed no attempt.
      query: `(${waiting} and (sum(increase(${inPromQl(purchasesAccepted)}[30m])) > 0) unless (sum(increase(${inPromQl(linksTaken)}[30m])) > 0) unless ${attempted('30m')}) or (${waiting} unless ${attempted(`${LONGEST_WAIT_MINUTES}m`)})`,
      forSeconds: 600,
      severity: 'ERROR',
      meaning:
        'Purchases wait for their link, and no attempt was made: for half an hour with new purchases, or for more than an hour. The queue may be paused, or its service does not answer.',
    },
    {
      name: 'failed-requests',
      title: 'Requests fail',
      query: `${requests(',response_code_class="5xx"')} / ${requests('')} > ${FAILED_SHARE}`,
      forSeconds: 300,
      severity: 'ERROR',
      meaning:
        'One request in ten or more to this service ends in an error. What was not acknowledged comes again; look at its log.',
    },
    {
      name: 'error-lines',
      title: 'A service says that somebody has to look',
      query: `sum by (service) (increase(${inPromQl(errors)}[10m])) > 0`,
      forSeconds: 0,
      severity: 'ERROR',
      meaning:
        'Lines of the level error: the bot lost its rights, a health check turned bad, a message of an unknown kind. The line names what to do.',
    },
    {
      name: 'containers-ended',
      title: 'Containers end by themselves',
      query: `sum by (service) (increase(${inPromQl(containersEnded)}[10m])) > 0`,
      forSeconds: 0,
      severity: 'ERROR',
      meaning:
        'A container of this service crashed, did not start, was found dead or used more memory than it has. What it was at work on comes again; its log says what it did last.',
    },
    {
      name: 'told-to-wait',
      title: 'Telegram refuses many calls (429)',
      query: `sum(increase(${inPromQl(linkCallsToldToWait)}[30m])) / sum(increase(${inPromQl(linkCalls)}[30m])) > ${TOLD_TO_WAIT_SHARE}`,
      forSeconds: 600,
      severity: 'WARNING',
      meaning:
        'Nothing is lost, but the pace is above what Telegram allows: with LINK_RATE=fixed raise SAFE_RPS_SLEEP_MS; an adaptive pace slows down by itself, unless LINK_RATE_FLOOR_PER_SECOND holds it up.',
    },
    {
      name: 'webhook-drift',
      title: 'The webhook of the bot is not as it must be',
      query: `sum(increase(${inPromQl(webhookFailing)}[10m])) > 0`,
      forSeconds: 0,
      severity: 'CRITICAL',
      meaning:
        'Joins do not reach us; Telegram keeps them for 24 hours only. The line "health: failing" in the log names what is different and what mends it.',
    },
    {
      name: 'no-joins',
      title: 'Links go out, but nobody joins',
      query: `((${manyIn(linksCreated)}) or (${manyIn(linksTaken)})) unless (sum(increase(${inPromQl(joinsTracked)}[1d])) > 0)`,
      forSeconds: 0,
      severity: 'WARNING',
      meaning:
        'Either the links do not reach their buyers, or Telegram does not tell us of joins: check the webhook, its allowed updates and that the bot is an administrator.',
    },
    {
      name: 'removals-held',
      title: 'Removals are held: more people would go than usual',
      query: `sum(increase(${inPromQl(removalsHeld)}[10m])) > 0`,
      forSeconds: 0,
      severity: 'CRITICAL',
      meaning:
        'Nobody is removed from this community until somebody has looked: a wrong clock, an import with a wrong date or a restored backup may be why. List who would go with "ops removals list", mend what is wrong, then "ops removals release".',
    },
    {
      name: 'removals-failed',
      title: 'Somebody cannot be removed',
      query: `sum(increase(${inPromQl(removalsFailed)}[10m])) > 0`,
      forSeconds: 0,
      severity: 'WARNING',
      meaning:
        'The time of somebody is over, and Telegram does not let the bot remove an owner or administrator. The owner of the chat has to do it; "ops removals list" says who it is.',
    },
  ];
}

export function declareAlerts(
  context: Context,
  channels: readonly NotificationChannel[],
  lines: CountedLines,
): readonly AlertPolicy[] {
  const { config, project, labels, after } = context;
  return alerts(context).map(
    ({ name, title, query, forSeconds, severity, meaning }) =>
      new AlertPolicy(
        `alert-${name}`,
        {
          project,
          displayName: `${title} (${config.stack})`,
          combiner: 'OR',
          severity,
          conditions: [
            {
              displayName: title,
              // A metric of log lines is unknown until its first line: the query is right all the same.
              conditionPrometheusQueryLanguage: {
                query,
                duration: `${forSeconds}s`,
                evaluationInterval: '60s',
                disableMetricValidation: true,
              },
            },
          ],
          notificationChannels: channels.map(({ id }) => id),
          alertStrategy: { autoClose: '86400s' },
          documentation: { content: meaning, mimeType: 'text/markdown' },
          userLabels: { ...labels },
        },
        waitingFor(after('monitoring'), Object.values(lines)),
      ),
  );
}
