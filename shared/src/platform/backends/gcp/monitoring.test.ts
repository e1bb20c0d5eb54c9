import { OAuth2Client } from 'google-auth-library';
import { afterEach, describe, expect, test } from '@jest/globals';
import { RetryableError } from '../../ports/errors.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { startScriptedServer, type ScriptedAnswer, type ScriptedServer } from '../../testing/scripted-server.ts';
import { createdLinksForEventEmitter, topology } from '../../../topology.ts';
import type { AuthorizedClient } from './monitoring.ts';
import { PubSubAdministration } from './pubsub-administration.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
});

function series(...points: { readonly at: number; readonly value: object }[]): ScriptedAnswer {
  return {
    status: 200,
    body: {
      timeSeries: [
        { points: points.map(({ at, value }) => ({ interval: { endTime: new Date(at).toISOString() }, value })) },
      ],
    },
  };
}

async function administration(...script: [ScriptedAnswer, ...ScriptedAnswer[]]): Promise<PubSubAdministration> {
  server = await startScriptedServer(...script);
  const client = new OAuth2Client();
  client.setCredentials({ access_token: 'the-token', expiry_date: Date.now() + 3_600_000 });
  const authorize = (): Promise<AuthorizedClient> => Promise.resolve(client);
  return new PubSubAdministration(
    { projectId: 'shop', emulatorHost: undefined, apiRoot: server.url, authorize },
    topology,
    new ManualClock(NOW),
  );
}

describe('a backlog on Google Cloud', () => {
  test('is what Cloud Monitoring says: the count, and the age counted from when it was measured', async () => {
    const answer = series(
      { at: NOW - 120_000, value: { int64Value: '3600' } },
      { at: NOW - 180_000, value: { int64Value: '9' } },
    );
    const bus = await administration(answer);
    expect(await bus.backlog(createdLinksForEventEmitter)).toEqual({
      undelivered: 3_600,
      oldestPublishTime: new Date(NOW - 120_000 - 3_600_000),
    });
    const requests = server?.requests ?? [];
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer the-token', 'Bearer the-token']);
    const asked = requests.map(({ path }) => new URL(path, 'http://x'));
    expect(asked.map(({ pathname }) => pathname)).toEqual([
      '/v3/projects/shop/timeSeries',
      '/v3/projects/shop/timeSeries',
    ]);
    expect(asked.map(({ searchParams }) => searchParams.get('filter')).sort()).toEqual([
      `metric.type = "pubsub.googleapis.com/subscription/num_undelivered_messages" AND resource.labels.subscription_id = "${createdLinksForEventEmitter.name}"`,
      `metric.type = "pubsub.googleapis.com/subscription/oldest_unacked_message_age" AND resource.labels.subscription_id = "${createdLinksForEventEmitter.name}"`,
    ]);
    expect(asked[0]?.searchParams.get('interval.startTime')).toBe('2026-11-21T11:50:00.000Z');
    expect(asked[0]?.searchParams.get('interval.endTime')).toBe('2026-11-21T12:00:00.000Z');
  });

  test('is empty when nothing waits, and unknown when there is no figure', async () => {
    const empty = await administration(series({ at: NOW, value: { int64Value: '0' } }));
    expect(await empty.backlog(createdLinksForEventEmitter)).toEqual({ undelivered: 0, oldestPublishTime: undefined });
    await server?.close();
    expect(
      await (await administration({ status: 200, body: {} })).backlog(createdLinksForEventEmitter),
    ).toBeUndefined();
  });

  test.each([
    [
      'a refusal',
      { status: 403, body: { error: { code: 403, message: 'Permission monitoring.timeSeries.list denied' } } },
    ],
    ['an outage', 'disconnect'],
    ['a figure that is none', series({ at: NOW, value: { stringValue: 'many' } })],
  ] as const)('fails with %s, as a call that may be made again', async (_, answer) => {
    const bus = await administration(answer);
    await expect(bus.backlog(createdLinksForEventEmitter)).rejects.toBeInstanceOf(RetryableError);
  });
});
