import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { buy } from '../e2e/harness/buyer.ts';
import { assertNothingSecretIn } from '../e2e/harness/credentials.ts';
import { startOtlpReceiver, type OtlpReceiver } from '../e2e/harness/otlp-receiver.ts';
import { join } from '../e2e/harness/promise.ts';
import { JOIN_TREE, PURCHASE_TREE, traceTree } from '../e2e/harness/trace-tree.ts';
import { CloudWorld } from './harness/cloud-world.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
/** Spans are sent every five seconds. */
const SENT_WITHIN_MS = 30_000;

withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
  let receiver: OtlpReceiver;
  let world: CloudWorld;

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    world = await CloudWorld.open({
      settings: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRIC_EXPORT_INTERVAL: '1000' },
    });
  });

  afterAll(async () => {
    await world.close();
    await receiver.close();
  });

  describe('traces over four processes', () => {
    test('one trace crosses Pub/Sub and Cloud Tasks, each process under its own name, and every service sends metrics', async () => {
      // A process that has not read the settings of "default" yet has join-tracker decide, too.
      world.purchases.push(await buy(world.url, { userId: 'first', transactionId: 'txn-first' }));
      await world.keepsItsPromise();
      const traceparent = `00-${TRACE_ID}-b7ad6b7169203331-01`;
      const purchase = await buy(world.url, { userId: 'traced', transactionId: 'txn-traced' }, { traceparent });
      world.purchases.push(purchase);
      world.joins.push(await join(world, purchase));
      await world.keepsItsPromise();
      await eventually(
        () => {
          expect(traceTree(receiver.spans, TRACE_ID)).toEqual(PURCHASE_TREE);
          const webhook = receiver.spans.find(
            ({ name, links }) => name === 'POST /v1/telegram/webhook' && links.includes(TRACE_ID),
          );
          expect(traceTree(receiver.spans, webhook?.traceId ?? '')).toEqual(JOIN_TREE);
        },
        { timeoutMs: SENT_WITHIN_MS },
      );
      const servicesOf = (traceId: string) =>
        new Set(receiver.spans.filter((span) => span.traceId === traceId).map(({ service }) => service));
      expect(servicesOf(TRACE_ID)).toEqual(new Set(['intake-service', 'link-worker', 'event-emitter']));
      const published = receiver.spans.find(({ name }) => name === 'publish purchase-events');
      expect(published?.attributes).toMatchObject({
        'messaging.system': 'gcp_pubsub',
        'messaging.destination.name': 'purchase-events',
      });
      await eventually(
        () => {
          expect(receiver.metrics).toContain('intake-service paid_community.purchases');
          expect(receiver.metrics).toContain('link-worker paid_community.links');
          expect(receiver.metrics).toContain('join-tracker paid_community.joins');
          expect(receiver.metrics).toContain('event-emitter paid_community.events');
        },
        { timeoutMs: SENT_WITHIN_MS },
      );
      assertNothingSecretIn(receiver.received);
      const line = world.printed.split('\n').findLast((text) => text.includes('"message":"purchase accepted"')) ?? '{}';
      expect(JSON.parse(line)).toMatchObject({
        severity: 'INFO',
        requestId: purchase.requestId,
        'logging.googleapis.com/trace': expect.stringMatching(
          new RegExp(`^projects/e2e-[0-9a-f]+/traces/${TRACE_ID}$`),
        ),
        'logging.googleapis.com/spanId': expect.stringMatching(/^[0-9a-f]{16}$/),
        'logging.googleapis.com/trace_sampled': true,
      });
    });
  });
});
