import { Dashboard } from '@pulumi/gcp/monitoring/dashboard.js';
import { SERVICES, topology } from '@paid-community/shared/topology.ts';
import { waitingFor, type Context } from '../context.ts';
import { COUNTED_LINES, inPromQl, type CountedLine, type CountedLines } from './log-metrics.ts';

const WIDTH = 24;
const HEIGHT = 16;
const COLUMNS = 2;

interface Chart {
  readonly title: string;
  readonly queries: readonly { readonly legend: string; readonly promQl: string }[];
}

const perMinute = (line: CountedLine): Chart['queries'][number] => ({
  legend: line.description,
  promQl: `60 * sum(rate(${inPromQl(line)}[5m]))`,
});

const {
  purchasesAccepted,
  linksCreated,
  linksTaken,
  eventsSent,
  joinsTracked,
  linkCalls,
  linkCallsToldToWait,
  deadLettered,
  errors,
} = COUNTED_LINES;

function charts(): readonly Chart[] {
  const services = SERVICES.join('|');
  const subscriptions = topology.subscriptions.map(({ name }) => name).join('|');
  const queues = topology.queues.map(({ name }) => name).join('|');
  const ofSubscriptions = `{monitored_resource="pubsub_subscription",subscription_id=~"${subscriptions}"}`;
  const ofServices = `{monitored_resource="cloud_run_revision",service_name=~"${services}"}`;
  return [
    {
      title: 'From purchase to join, a minute',
      queries: [purchasesAccepted, linksCreated, linksTaken, eventsSent, joinsTracked].map(perMinute),
    },
    { title: 'Calls to Telegram, a minute', queries: [linkCalls, linkCallsToldToWait].map(perMinute) },
    { title: 'Dead letters and error lines, a minute', queries: [deadLettered, errors].map(perMinute) },
    {
      title: 'Tasks in the queue',
      queries: [
        {
          legend: '${queue_id}',
          promQl: `max by (queue_id) (cloudtasks_googleapis_com:queue_depth{monitored_resource="cloud_tasks_queue",queue_id=~"${queues}"})`,
        },
      ],
    },
    {
      title: 'Messages that wait',
      queries: [
        {
          legend: '${subscription_id}',
          promQl: `sum by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages${ofSubscriptions})`,
        },
      ],
    },
    {
      title: 'Age of the oldest message, seconds',
      queries: [
        {
          legend: '${subscription_id}',
          promQl: `max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age${ofSubscriptions})`,
        },
      ],
    },
    {
      title: 'Requests a second, by service and kind of answer',
      queries: [
        {
          legend: '${service_name} ${response_code_class}',
          promQl: `sum by (service_name, response_code_class) (rate(run_googleapis_com:request_count${ofServices}[5m]))`,
        },
      ],
    },
    {
      title: 'Slowest of 20 requests (p95), milliseconds',
      queries: [
        {
          legend: '${service_name}',
          promQl: `histogram_quantile(0.95, sum by (service_name, le) (rate(run_googleapis_com:request_latencies_bucket${ofServices}[5m])))`,
        },
      ],
    },
    {
      title: 'Instances',
      queries: [
        {
          legend: '${service_name}',
          promQl: `sum by (service_name) (run_googleapis_com:container_instance_count${ofServices})`,
        },
      ],
    },
  ];
}

/** One page that says whether purchases become joins, and where they wait. */
export function declareDashboard({ config, project, after }: Context, lines: CountedLines): Dashboard {
  const dashboard = {
    displayName: `Paid community (${config.stack})`,
    mosaicLayout: {
      columns: WIDTH * COLUMNS,
      tiles: charts().map(({ title, queries }, index) => ({
        xPos: (index % COLUMNS) * WIDTH,
        yPos: Math.floor(index / COLUMNS) * HEIGHT,
        width: WIDTH,
        height: HEIGHT,
        widget: {
          title,
          xyChart: {
            dataSets: queries.map(({ legend, promQl }) => ({
              plotType: 'LINE',
              legendTemplate: legend,
              timeSeriesQuery: { prometheusQuery: promQl },
            })),
          },
        },
      })),
    },
  };
  return new Dashboard(
    'dashboard',
    { project, dashboardJson: JSON.stringify(dashboard) },
    waitingFor(after('monitoring'), Object.values(lines)),
  );
}
