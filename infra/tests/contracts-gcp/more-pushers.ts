import { setTimeout as sleep } from 'node:timers/promises';
import {
  openSubscriber,
  subscriptionPath,
  type PubSubOptions,
} from '@paid-community/shared/platform/backends/gcp/pubsub-event-bus.ts';
import type { Subscription } from '@paid-community/shared/platform/ports/topology-types.ts';

/**
 * Loops in which the Pub/Sub emulator pushes for one subscription, one message each (seen in its class
 * SubscriptionData).
 */
const EMULATOR_PUSHERS = 2;
const MORE_PUSHERS = 4;
const LOOK_EVERY_MS = 50;
/** As long as the emulator's own loops wait (seen in its class PushLoop). */
const PAUSE_AFTER_FAILURE_SECONDS = 1;

/**
 * Pushes beside the Pub/Sub emulator. On every machine it pushes at most two messages of a subscription at a time,
 * where Pub/Sub itself pushes as many as are answered well. While both of its loops are busy, this takes further
 * messages from it, and pushes and answers them in the same form.
 */
export async function lendPushers(
  place: PubSubOptions,
  subscription: Subscription,
  push: { readonly url: string; readonly pushesUnderWay: () => number },
): Promise<{ stop(): Promise<void> }> {
  const subscriber = await openSubscriber(place);
  const name = subscriptionPath(place.projectId, subscription);
  const stopping = new AbortController();
  const stopped = (): boolean => stopping.signal.aborted;

  async function pushOne(): Promise<void> {
    const [{ receivedMessages }] = await subscriber.pull({
      subscription: name,
      maxMessages: 1,
      returnImmediately: true,
    });
    const [received] = receivedMessages ?? [];
    const message = received?.message;
    if (received?.ackId == null || message == null) return;
    const publishTime = new Date(
      Number(message.publishTime?.seconds ?? 0) * 1_000 + (message.publishTime?.nanos ?? 0) / 1e6,
    ).toISOString();
    const data = Buffer.from(message.data ?? '').toString('base64');
    const envelope = {
      message: { data, attributes: message.attributes ?? {}, messageId: message.messageId, publishTime },
      subscription: name,
    };
    const isTaken = await isAcknowledged(
      push.url,
      envelope,
      AbortSignal.any([stopping.signal, AbortSignal.timeout(subscription.ackDeadlineSeconds * 1_000)]),
    );
    if (isTaken) await subscriber.acknowledge({ subscription: name, ackIds: [received.ackId] });
    else
      await subscriber.modifyAckDeadline({
        subscription: name,
        ackIds: [received.ackId],
        ackDeadlineSeconds: PAUSE_AFTER_FAILURE_SECONDS,
      });
  }

  const loops = Array.from({ length: MORE_PUSHERS }, async () => {
    while (!stopped()) {
      // Not in reach at the end of a test: nothing that a test could want to know.
      if (push.pushesUnderWay() >= EMULATOR_PUSHERS) await pushOne().catch(() => undefined);
      await sleep(LOOK_EVERY_MS);
    }
  });
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
      await subscriber.close();
    },
  };
}

async function isAcknowledged(url: string, envelope: object, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(envelope),
      signal,
    });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}
