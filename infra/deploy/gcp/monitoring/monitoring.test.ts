import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { SERVICES, topology } from '@paid-community/shared/topology.ts';
import { declareOnMocks, type DeclaredSystem } from '../testing/declared-system.ts';
import { stackConfig, WHOLE } from '../testing/stack-configs.ts';
import { alerts } from './alerts.ts';
import { COUNTED_LINES, inPromQl, type CountedLine } from './log-metrics.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const lines: readonly (readonly [string, CountedLine])[] = Object.entries(COUNTED_LINES);

function sourceIn(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('test'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
    .join('\n');
}

let system: DeclaredSystem;

beforeAll(async () => {
  system = await declareOnMocks(stackConfig());
});

describe('metrics made of log lines', () => {
  test.each(lines)('%s counts a line that the source writes', (_key, { writtenBy, message, outcome, severity }) => {
    if (writtenBy === 'Cloud Run') return;
    const source = sourceIn(writtenBy);
    if (message !== undefined) expect(source).toContain(`'${message}'`);
    if (outcome !== undefined) expect(source).toContain(`outcome: '${outcome}'`);
    // On Google Cloud the logger writes the level as Cloud Logging calls it.
    if (severity !== undefined) expect(source).toMatch(new RegExp(`SEVERITIES[^=]*= \\{[^}]*error: '${severity}'`));
  });

  test('each says which of our services it came from, and no other project line is counted', () => {
    for (const { inputs } of system.ofType('gcp:logging/metric:Metric')) {
      expect(inputs['filter']).toContain('resource.type="cloud_run_revision" AND resource.labels.service_name=(');
      expect(inputs['labelExtractors']).toEqual({ service: 'EXTRACT(resource.labels.service_name)' });
    }
    expect(system.ofType('gcp:logging/metric:Metric')).toHaveLength(lines.length);
  });
});

describe('alerts', () => {
  const declared = (): readonly Readonly<Record<string, unknown>>[] =>
    system.ofType('gcp:monitoring/alertPolicy:AlertPolicy').map(({ inputs }) => inputs);
  const queryOf = (name: string): string =>
    alerts({ config: stackConfig() }).find((alert) => alert.name === name)?.query ?? '';

  test('are there for all that must not stay unseen', () => {
    expect(alerts({ config: stackConfig() }).map(({ name }) => name)).toEqual([
      'dead-letters',
      'oldest-message',
      'oldest-task',
      'failed-requests',
      'error-lines',
      'containers-ended',
      'told-to-wait',
      'webhook-drift',
      'no-joins',
      'removals-held',
      'removals-failed',
    ]);
  });

  test('each writes to every address, and says what it means and what to do', () => {
    expect(
      system.ofType('gcp:monitoring/notificationChannel:NotificationChannel').map(({ inputs }) => inputs['labels']),
    ).toEqual([{ email_address: 'alice@example.com' }, { email_address: 'bob@example.com' }]);
    for (const { notificationChannels, documentation } of declared()) {
      expect(notificationChannels).toHaveLength(2);
      expect((documentation as { readonly content: string }).content.length).toBeGreaterThan(60);
    }
  });

  test('ask only for metrics that exist: those made of our lines, and those of Google', () => {
    const known = new Set(lines.map(([, line]) => inPromQl(line)));
    const asked = [
      ...alerts({ config: stackConfig() }).map(({ query }) => query),
      String(system.ofType('gcp:monitoring/dashboard:Dashboard')[0]?.inputs['dashboardJson']).replaceAll('\\"', '"'),
    ];
    // Each with the kind of its resource: without it, Cloud Monitoring refuses a metric that may be of several.
    for (const query of asked)
      for (const [name] of query.matchAll(/logging_googleapis_com:\w+(\{[^}]*\})?/g)) expect(known).toContain(name);
    for (const { query } of alerts({ config: stackConfig() })) {
      for (const [name] of query.matchAll(/\b(?!logging)\w+_googleapis_com:\w+/g)) {
        expect([
          'pubsub_googleapis_com:topic_send_message_operation_count',
          'pubsub_googleapis_com:subscription_dead_letter_message_count',
          'pubsub_googleapis_com:subscription_oldest_unacked_message_age',
          'cloudtasks_googleapis_com:queue_depth',
          'cloudtasks_googleapis_com:queue_task_attempt_count',
          'run_googleapis_com:request_count',
        ]).toContain(name);
      }
    }
  });

  test('a queue that stands still is told of, and a request that waits for its hourly attempt is not', () => {
    const query = queryOf('oldest-task');
    // Two ways: new purchases and no attempt for half an hour; or no attempt for longer than any request waits.
    expect(query.replaceAll(/\{[^}]*\}/g, '')).toBe(
      '((max(cloudtasks_googleapis_com:queue_depth) > 0) and (sum(increase(logging_googleapis_com:user_purchases_accepted[30m])) > 0) unless (sum(increase(logging_googleapis_com:user_links_taken[30m])) > 0) unless (sum(increase(cloudtasks_googleapis_com:queue_task_attempt_count[30m])) > 0))' +
        ' or ((max(cloudtasks_googleapis_com:queue_depth) > 0) unless (sum(increase(cloudtasks_googleapis_com:queue_task_attempt_count[75m])) > 0))',
    );
    const longestBackoffMinutes =
      Number(/MAX_BACKOFF_MS = ([\d_]+)/.exec(sourceIn('link-worker/src'))?.[1]?.replaceAll('_', '')) / 60_000;
    expect(longestBackoffMinutes).toBeLessThan(75);
  });

  test('a crash is seen, which writes none of our lines', () => {
    const filter = String(
      system.ofType('gcp:logging/metric:Metric').find(({ inputs }) => inputs['name'] === 'containers_ended')?.inputs[
        'filter'
      ],
    );
    expect(filter).toContain(
      'logName:"varlog%2Fsystem" AND (severity>=ERROR OR textPayload=~"^Container called exit[(][1-9]")',
    );
    expect(filter).not.toContain('jsonPayload');
  });

  test('watch every subscription and every service of the topology', () => {
    for (const { name } of topology.subscriptions) expect(queryOf('oldest-message')).toContain(name);
    for (const service of SERVICES) expect(queryOf('failed-requests')).toContain(service);
  });

  test('the age that is too old is a setting', () => {
    expect(
      alerts({ config: stackConfig({ ...WHOLE, 'paid-community:alertOldestMessageMinutes': '3' }) })[1]?.query,
    ).toMatch(/> 180$/);
  });
});

test('the dashboard shows the way from purchase to join, and where things wait', () => {
  const [dashboard, ...others] = system.ofType('gcp:monitoring/dashboard:Dashboard');
  expect(others).toEqual([]);
  const { mosaicLayout, displayName } = JSON.parse(String(dashboard?.inputs['dashboardJson'])) as {
    readonly displayName: string;
    readonly mosaicLayout: {
      readonly columns: number;
      readonly tiles: readonly {
        readonly xPos: number;
        readonly width: number;
        readonly widget: { readonly title: string };
      }[];
    };
  };
  expect(displayName).toContain('staging');
  expect(mosaicLayout.tiles.map(({ widget }) => widget.title)).toEqual(
    expect.arrayContaining(['From purchase to join, a minute', 'Messages that wait', 'Tasks in the queue']),
  );
  for (const { xPos, width } of mosaicLayout.tiles) expect(xPos + width).toBeLessThanOrEqual(mosaicLayout.columns);
});

test('the budget watches this project, and writes to the alert addresses; without an account there is none', async () => {
  const [budget] = system.ofType('gcp:billing/budget:Budget');
  expect(budget?.inputs).toMatchObject({
    billingAccount: '01AB23-CD45EF-6789AB',
    budgetFilter: { projects: ['projects/123456789012'] },
    amount: { specifiedAmount: { units: '100' } },
  });
  expect(
    (budget?.inputs['allUpdatesRule'] as { readonly monitoringNotificationChannels: unknown })
      .monitoringNotificationChannels,
  ).toHaveLength(2);
  const without = await declareOnMocks(stackConfig({ ...WHOLE, 'paid-community:billingAccount': 'none' }));
  expect(without.resources.filter(({ type }) => type.startsWith('gcp:billing'))).toEqual([]);
});
