import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, JSON_WITH_KEY, postPurchase, purchaseBodies } from './harness/buyer.ts';
import { assertNothingSecretIn, CHAT_ID } from './harness/credentials.ts';
import { send } from './harness/http.ts';
import { parseMetrics, type Metrics } from './harness/prometheus.ts';
import { expectPromiseKept, join } from './harness/promise.ts';
import { joinUpdate, postUpdate } from './harness/telegram-updates.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

async function metricsOf(world: World): Promise<Metrics> {
  const answer = await send(`${world.url}/metrics`);
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  });
  assertNothingSecretIn(answer.text);
  return parseMetrics(answer.text);
}

describe('GET /metrics', () => {
  test('tells exactly what was done: purchases, links, 429s, events, joins, and how long they took', async () => {
    const world = await openWorld({ settings: { TASKS_MAX_CONCURRENT_DISPATCHES: '1' } });
    await world.start();
    world.telegram.faults.next(
      'createChatInviteLink',
      { kind: 'too-many-requests', retryAfter: 1 },
      { kind: 'answer', status: 500, body: 'oops' },
    );
    world.webengage.faults.next('events', { kind: 'answer', status: 503, body: 'busy' });
    const purchases = await Promise.all(purchaseBodies('counted', 12).map((body) => buy(world.url, body)));
    expect((await postPurchase(world.url, { userId: '' })).status).toBe(400);
    expect(
      (
        await send(`${world.url}/v1/invite/request`, {
          method: 'POST',
          headers: { ...JSON_WITH_KEY, authorization: 'Bearer wrong' },
          body: {},
        })
      ).status,
    ).toBe(401);
    expect((await send(`${world.url}/nothing/at/all`)).status).toBe(404);
    const joins = await Promise.all(purchases.slice(0, 5).map((purchase) => join(world, purchase)));
    await postUpdate(world.url, joinUpdate({ userId: 99 }));
    await expectPromiseKept(world, { purchases, joins });

    const metrics = await eventually(async () => {
      const read = await metricsOf(world);
      expect(
        read.value('paid_community_subscription_backlog', {
          messaging_destination_subscription_name: 'event-emitter-link-created-events',
        }),
      ).toBe(0);
      return read;
    });
    expect(metrics.all('paid_community_purchases_total', 'outcome')).toEqual({ accepted: 12, invalid: 1 });
    expect(metrics.all('paid_community_links_total', 'outcome')).toEqual({
      created: 12,
      told_to_wait: 1,
      transient: 1,
    });
    expect(metrics.all('paid_community_joins_total', 'outcome')).toEqual({ tracked: 5, unmatched: 1 });
    expect(metrics.value('paid_community_events_total', { event: 'link_created', outcome: 'sent' })).toBe(12);
    expect(metrics.value('paid_community_events_total', { event: 'link_created', outcome: 'failed' })).toBe(1);
    expect(metrics.value('paid_community_events_total', { event: 'joined', outcome: 'sent' })).toBe(5);
    expect(metrics.value('paid_community_purchase_to_link_duration_count')).toBe(12);
    expect(metrics.value('paid_community_purchase_to_event_duration_count')).toBe(12);
    expect(metrics.value('paid_community_link_to_join_duration_count')).toBe(5);
    // All of them waited for Telegram's second; the test took less than a minute.
    expect(metrics.value('paid_community_purchase_to_link_duration_bucket', { le: '0.5' })).toBe(0);
    expect(metrics.value('paid_community_purchase_to_link_duration_bucket', { le: '60' })).toBe(12);
    expect(metrics.all('paid_community_telegram_throttled_total', 'method')).toEqual({ createChatInviteLink: 1 });
    expect(metrics.value('paid_community_telegram_pause_remaining')).toBe(0);
    expect(metrics.value('paid_community_ledger_age')).toBe(0);
    expect(metrics.value('paid_community_queue_backlog', { messaging_destination_name: 'tg-invite-queue' })).toBe(0);
    const requests = (http_response_status_code: string, http_route = '/v1/invite/request') =>
      metrics.value('http_server_request_duration_count', { http_route, http_response_status_code });
    expect([requests('202'), requests('400'), requests('401'), requests('200', '/v1/telegram/webhook')]).toEqual([
      12, 1, 1, 6,
    ]);
    const processed = { messaging_destination_subscription_name: 'link-worker-purchase-events' };
    expect(metrics.value('messaging_process_duration_count', processed)).toBe(12);
    expect(
      metrics.value('messaging_client_operation_duration_count', { messaging_destination_name: 'link-created-events' }),
    ).toBe(12);
  });

  test('what waits shows, and since when: the pause, the queue, the ledger, a dead letter', async () => {
    const world = await openWorld({ settings: { TASKS_MAX_CONCURRENT_DISPATCHES: '1' } });
    await world.start();
    world.webengage.faults.behaviour = ({ body }) => ({
      kind: 'answer',
      status: JSON.stringify(body).includes('poison') ? 400 : 503,
      body: 'no',
    });
    await buy(world.url, { userId: 'poison', transactionId: 'p' });
    await buy(world.url, { userId: 'waits', transactionId: 'w' });
    await eventually(() => world.webengage.calls >= 3);
    world.telegram.faults.next('createChatInviteLink', { kind: 'too-many-requests', retryAfter: 300 });
    await buy(world.url, { userId: 'paused', transactionId: 'q' });
    await eventually(async () => {
      const metrics = await metricsOf(world);
      expect(metrics.value('paid_community_telegram_pause_remaining')).toBeGreaterThan(200);
      expect(metrics.value('paid_community_queue_backlog', { messaging_destination_name: 'tg-invite-queue' })).toBe(1);
      expect(
        metrics.value('paid_community_subscription_backlog', {
          messaging_destination_subscription_name: 'event-emitter-link-created-events',
        }),
      ).toBe(1);
      expect(metrics.value('paid_community_ledger_age')).toBeGreaterThan(0);
      expect(metrics.value('paid_community_dead_letters', { source: 'event-emitter-link-created-events' })).toBe(1);
    });
  });

  test('the number of series does not grow with purchases, and no attribute holds an id', async () => {
    const world = await openWorld();
    await world.start();
    const round = async (name: string): Promise<Metrics> => {
      const purchases = await Promise.all(purchaseBodies(name, 8).map((body) => buy(world.url, body)));
      await Promise.all(purchases.map((purchase) => join(world, purchase)));
      for (const { requestId } of purchases)
        await send(`${world.url}/v1/invite/requests/${requestId}`, { headers: JSON_WITH_KEY });
      await send(`${world.url}/${name}`);
      await eventually(async () => {
        const metrics = await metricsOf(world);
        const age = metrics.value('paid_community_events_total', { event: 'joined', outcome: 'sent' });
        expect(age).toBe(world.webengage.events.filter(({ eventName }) => eventName.endsWith('joined')).length);
        expect((age ?? 0) % 8).toBe(0);
        // The very first page does not count itself, and counts for a second.
        expect(metrics.value('http_server_request_duration_count', { http_route: '/metrics' })).toBeGreaterThan(0);
      });
      return metricsOf(world);
    };
    const first = await round('first');
    const second = await round('second');
    expect([...second.series].filter((series) => !first.series.has(series))).toEqual([]);
    const ids = /[0-9a-f]{8}-[0-9a-f]{4}|user-|txn-|t\.me|first|second/;
    expect(
      [...second.series].filter(
        (series) => !series.startsWith('target_info') && (ids.test(series) || series.includes(String(CHAT_ID))),
      ),
    ).toEqual([]);
  });

  test('with METRICS_API_KEYS only who has one may read it; switched off there is nothing', async () => {
    const world = await openWorld({ settings: { METRICS_API_KEYS: 'key-of-the-scraper' } });
    const process = await world.start();
    expect((await send(`${world.url}/metrics`)).status).toBe(401);
    expect(
      (await send(`${world.url}/metrics`, { headers: { authorization: 'Bearer key-of-the-scraper' } })).status,
    ).toBe(200);
    await process.stop();
    await world.start({ settings: { OTEL_SDK_DISABLED: 'true' } });
    expect((await send(`${world.url}/metrics`)).status).toBe(404);
  });
});
