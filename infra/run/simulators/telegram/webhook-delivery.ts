import { setMaxListeners } from 'node:events';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { isObject, parseJson } from '../http/exchange.ts';
import { Fifo } from './fifo.ts';
import type { StoredUpdate, UpdateStore } from './update-store.ts';
import type { PostOutcome, WebhookConnection } from './webhook-post.ts';

/** Longest wait between attempts, unless the webhook asks for a longer one itself [tba]. */
const MAX_RETRY_SEC = 60;
const MAX_RETRY_AFTER_SEC = 3600;

/** One person's updates, in order; the first is the one under way or waiting. */
interface Queue {
  readonly updates: StoredUpdate[];
  /** Failures of the first one. */
  failures: number;
  /** What the next wait doubles. */
  delaySec: number;
}

export interface DeliveryOptions {
  readonly store: UpdateStore;
  readonly connection: WebhookConnection;
  readonly maxConnections: number;
  readonly clock: Clock;
  /** Factor on the waits between attempts. */
  readonly retryScale: number;
  /** Told of each attempt before it is made. */
  readonly attempting: () => void;
  /** Told of each 2xx body with a `method` field. */
  readonly executed: (reply: unknown) => void;
}

/**
 * Delivery to one webhook: serial for each person, parallel between them, retried until the update is too old [tba].
 */
export class WebhookDelivery {
  readonly #options: DeliveryOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #ready = new Fifo<Queue>();
  #active = 0;
  readonly #stop = new AbortController();
  lastError: { readonly atMs: number; readonly message: string } | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    // One listener for each update that waits for its retry, which is no leak.
    setMaxListeners(0, this.#stop.signal);
    for (const stored of options.store.pending()) this.offer(stored);
  }

  offer(stored: StoredUpdate): void {
    const queue = this.#queues.get(stored.queueKey);
    if (queue !== undefined) {
      queue.updates.push(stored);
      return;
    }
    const fresh = { updates: [stored], failures: 0, delaySec: 1 };
    this.#queues.set(stored.queueKey, fresh);
    this.#ready.push(fresh);
    this.#pump();
  }

  close(): void {
    this.#stop.abort();
    this.#options.connection.close();
  }

  #pump(): void {
    while (this.#active < this.#options.maxConnections && !this.#stop.signal.aborted) {
      const queue = this.#ready.shift();
      if (queue === undefined) return;
      void this.#attempt(queue);
    }
  }

  async #attempt(queue: Queue): Promise<void> {
    const stored = queue.updates[0];
    if (stored === undefined) return;
    this.#active += 1;
    this.#options.attempting();
    const outcome = await this.#options.connection.post(stored.update);
    this.#active -= 1;
    if (this.#stop.signal.aborted) return;
    if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status <= 299) {
      this.#noteExecuted(outcome.body);
      this.#options.store.acknowledge(stored);
      this.#finish(queue, stored);
    } else {
      this.lastError = { atMs: this.#options.clock.now(), message: describe(outcome) };
      void this.#retry(queue, stored, outcome);
    }
    this.#pump();
  }

  /** Puts the queue back once its wait is over; a waiting queue holds no connection. */
  async #retry(queue: Queue, stored: StoredUpdate, outcome: PostOutcome): Promise<void> {
    const { clock, retryScale, store } = this.#options;
    const waitMs = nextWaitSec(queue, outcome) * 1000 * retryScale;
    if (clock.now() + waitMs > stored.expiresAt) {
      store.drop(stored);
      this.#finish(queue, stored);
      return;
    }
    if (waitMs > 0) await clock.sleep(waitMs, this.#stop.signal);
    this.#ready.push(queue);
    this.#pump();
  }

  /** The first update of the queue is done with: the next one's turn. */
  #finish(queue: Queue, done: StoredUpdate): void {
    queue.updates.shift();
    queue.failures = 0;
    queue.delaySec = 1;
    if (queue.updates.length > 0) this.#ready.push(queue);
    else this.#queues.delete(done.queueKey);
  }

  /**
   * Telegram would execute such a reply as a call of the bot [tba] (reading methods aside, which no reply of ours names
   * either).
   */
  #noteExecuted(body: string): void {
    if (!body.includes('"method"')) return;
    const reply = parseJson(body);
    if (isObject(reply) && typeof reply['method'] === 'string') this.#options.executed(reply);
  }
}

/** The first retry comes at once, then after 2, 4, 8 s …; a Retry-After goes before that [tba]. */
function nextWaitSec(queue: Queue, outcome: PostOutcome): number {
  const askedSec = outcome.kind === 'answered' ? Math.min(MAX_RETRY_AFTER_SEC, Math.max(0, outcome.retryAfterSec)) : 0;
  const first = queue.failures === 0;
  queue.failures += 1;
  if (askedSec > 0) return askedSec;
  if (first) return 0;
  queue.delaySec = Math.min(MAX_RETRY_SEC, queue.delaySec * 2);
  return queue.delaySec;
}

function describe(outcome: PostOutcome): string {
  if (outcome.kind === 'failed') return outcome.message;
  return `Wrong response from the webhook: ${String(outcome.status)} ${outcome.reason}`;
}
