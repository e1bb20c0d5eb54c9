import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEmbeddedBackend } from '@paid-community/shared/platform/backends/embedded/open-embedded-backend.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import type { Subscription, Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { answerParent } from './answer-parent.ts';

export type BacklogJob =
  | { readonly kind: 'fill'; readonly dataDir: string; readonly messages: number }
  | {
      readonly kind: 'deliver';
      readonly dataDir: string;
      readonly maxConcurrency: number;
      readonly maxMessages: number;
      readonly maxDurationMs: number;
    };

/** Messages per second; for `deliver`, those acknowledged durably. */
export type BacklogResult = number;

const PUBLISHES_AT_ONCE = 1_000;
const POLL_MS = 1;
const topic: Topic = { name: 'bench', retentionSeconds: 7 * 24 * 3_600 };
// As long as an event of the system.
const message = {
  data: JSON.stringify({ filler: 'x'.repeat(400) }),
  attributes: { id: '0123456789abcdef0123456789abcdef.bench', type: 'Bench' },
};

answerParent((job: BacklogJob): Promise<BacklogResult> => {
  const subscription: Subscription = {
    name: 'bench-subscription',
    topic,
    service: 'link-worker',
    ackDeadlineSeconds: 60,
    minBackoffSeconds: 1,
    maxBackoffSeconds: 600,
    maxConcurrency: job.kind === 'deliver' ? job.maxConcurrency : 1,
  };
  const backend = openEmbeddedBackend({
    dataDir: job.dataDir,
    topology: { topics: [topic], subscriptions: [subscription], queues: [], collections: [] },
    clock: systemClock,
    log: createLogger({ level: 'error', secrets: [] }),
  });
  return job.kind === 'fill' ? fill(job.messages) : deliver(job);

  async function fill(messages: number): Promise<number> {
    const startedAt = performance.now();
    let started = 0;
    const publishMany = async (): Promise<void> => {
      while (started < messages) {
        started += 1;
        await backend.eventBus.publish(topic, message);
      }
    };
    await Promise.all(Array.from({ length: PUBLISHES_AT_ONCE }, publishMany));
    const rate = (messages * 1_000) / (performance.now() - startedAt);
    await backend.close();
    return rate;
  }

  async function deliver({
    maxMessages,
    maxDurationMs,
    maxConcurrency,
  }: BacklogJob & { readonly kind: 'deliver' }): Promise<number> {
    let delivered = 0;
    const startedAt = performance.now();
    let lastAt = startedAt;
    const handle = (): Promise<void> => {
      delivered += 1;
      lastAt = performance.now();
      return Promise.resolve();
    };
    const delivery = backend.deliverTo({ subscriptions: [{ subscription, handle }], tasks: [] });
    while (delivered < maxMessages && performance.now() - startedAt < maxDurationMs) await sleep(POLL_MS);
    const elapsedMs = lastAt - startedAt;
    // A place is taken until the acknowledgement is durable, so only the last `maxConcurrency` may not be.
    const acknowledged = Math.max(0, delivered - maxConcurrency);
    await delivery.stop(1_000);
    await backend.close();
    return (acknowledged * 1_000) / elapsedMs;
  }
});
