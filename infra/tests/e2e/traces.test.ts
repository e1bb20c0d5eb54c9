import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy } from './harness/buyer.ts';
import { assertNothingSecretIn } from './harness/credentials.ts';
import { startOtlpReceiver, type OtlpReceiver } from './harness/otlp-receiver.ts';
import { expectPromiseKept, join } from './harness/promise.ts';
import { JOIN_TREE, PURCHASE_TREE, traceTree } from './harness/trace-tree.ts';
import { closeWorlds, openWorld } from './harness/world.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CALLER_SPAN = 'b7ad6b7169203331';
const KINDS = { server: 2, client: 3, producer: 4, consumer: 5 };

let receiver: OtlpReceiver | undefined;

afterEach(async () => {
  await closeWorlds();
  await receiver?.close();
});

describe('traces', () => {
  test('one trace runs from the purchase to WebEngage, and that of the join points to it', async () => {
    receiver = await startOtlpReceiver();
    const world = await openWorld({
      settings: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-otlp-key=otlp%20key',
        OTEL_SERVICE_NAME: 'e2e',
      },
    });
    await world.start();
    const purchase = await buy(
      world.url,
      { userId: 'traced', transactionId: 'txn-traced' },
      { traceparent: `00-${TRACE_ID}-${CALLER_SPAN}-01` },
    );
    const joined = await join(world, purchase);
    await expectPromiseKept(world, { purchases: [purchase], joins: [joined] });
    // What has not been sent yet is sent before the end.
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });

    const { spans } = receiver;
    expect(traceTree(spans, TRACE_ID)).toEqual(PURCHASE_TREE);
    const webhook = spans.find(({ name }) => name === 'POST /v1/telegram/webhook');
    expect(webhook?.links).toEqual([TRACE_ID]);
    expect(webhook?.traceId).not.toBe(TRACE_ID);
    expect(traceTree(spans, webhook?.traceId ?? '')).toEqual(JOIN_TREE);

    const of = (name: string) => spans.find((span) => span.traceId === TRACE_ID && span.name === name);
    expect(of('POST /v1/invite/request')).toMatchObject({
      service: 'e2e',
      kind: KINDS.server,
      parentSpanId: CALLER_SPAN,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/invite/request',
        'http.response.status_code': 202,
        'url.scheme': 'http',
      },
    });
    expect(of('publish purchase-events')).toMatchObject({
      kind: KINDS.producer,
      attributes: {
        'messaging.system': 'embedded',
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 'purchase-events',
        'messaging.message.id': expect.any(String),
      },
    });
    expect(of('process link-created-events')).toMatchObject({
      kind: KINDS.consumer,
      attributes: {
        'messaging.operation.type': 'process',
        'messaging.destination.subscription.name': 'event-emitter-link-created-events',
        'messaging.message.id': expect.any(String),
        'paid_community.request_id': purchase.requestId,
        'paid_community.attempt': 1,
      },
    });
    expect(of('POST /bot{token}/createChatInviteLink')).toMatchObject({
      kind: KINDS.client,
      attributes: {
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'url.full': expect.stringMatching(/\/bot\{token\}\/createChatInviteLink$/),
      },
    });
    expect([...receiver.header('x-otlp-key')]).toEqual(['otlp key']);
    expect(receiver.metrics).toContain('e2e paid_community.purchases');
    assertNothingSecretIn(receiver.received);
    // Every log line of the purchase carries the trace.
    const lines = world.process.stdout
      .split('\n')
      .filter(
        (line) =>
          line.includes(purchase.requestId) && !line.includes('"message":"join"') && !line.includes('member-joined'),
      );
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ trace_id: TRACE_ID, requestId: purchase.requestId });
  });

  test('what fails is marked with its code: a call, the attempt, and the message that becomes a dead letter', async () => {
    receiver = await startOtlpReceiver();
    const world = await openWorld({ settings: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
    await world.start();
    world.webengage.faults.next('events', { kind: 'answer', status: 400, body: 'no' });
    await buy(world.url, { userId: 'refused', transactionId: 'txn-refused' });
    await eventually(() => world.process.logged('delivery').some(({ outcome }) => outcome === 'dead_lettered'));
    await world.process.stop();
    const failed = receiver.spans
      .filter(({ status }) => status === 2)
      .map(({ name, attributes }) => [name, attributes['error.type']]);
    expect(failed).toEqual(
      expect.arrayContaining([
        ['POST /v1/accounts/{licence}/events', '400'],
        ['process link-created-events', 'webengage_400'],
      ]),
    );
    expect(receiver.spans.map(({ name }) => name)).toContain('process dead-letters');
  });

  test('a receiver that does not answer holds nothing up, and is named in the log', async () => {
    const world = await openWorld({ settings: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } });
    await world.start();
    const purchase = await buy(world.url, { userId: 'alone', transactionId: 'txn-alone' });
    await expectPromiseKept(world, { purchases: [purchase] });
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    expect(
      world.process.logged('the last traces and metrics could not all be sent').length +
        world.process.logged('telemetry').length,
    ).toBeGreaterThan(0);
  });
});
