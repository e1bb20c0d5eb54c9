import { createHistogram, performance } from 'node:perf_hooks';
import { answerParent } from '../../processes/answer-parent.ts';
import { latencyOf, recordMs } from '../../statistics.ts';
import { Counter } from './counter.ts';
import type { JobSide, OpenSide, SideSettings } from './job-side.ts';
import { chunksOf, purchaseOf } from './purchases.ts';
import type { BurstResult, Opened, Progress, SideQuestion, SteadyResult } from './question.ts';

const TICK_MS = 1;

/** Makes this process one side of the comparison. Load and clock are the same code for every side. */
export function serveSide(open: OpenSide): void {
  const process = new SideProcess(open);
  answerParent((question: SideQuestion) => process.answer(question));
}

class SideProcess {
  readonly #open: OpenSide;
  readonly #recorded = new Counter('recorded');
  readonly #handled = new Counter('handled');
  #side: JobSide | undefined;
  #onRecorded: (requestId: string) => void = () => undefined;

  constructor(open: OpenSide) {
    this.#open = open;
  }

  async answer(question: SideQuestion): Promise<unknown> {
    switch (question.kind) {
      case 'open':
        return this.#start(question.settings);
      case 'work':
        return this.#running().work();
      case 'burst':
        return this.#burst(question);
      case 'steady':
        return this.#steady(question);
      case 'fill':
        return this.#fill(question);
      case 'replay':
        return this.#replay(question);
      case 'until-recorded':
        return this.#recorded.reach(question.count);
      case 'until-handled':
        return this.#handled.reach(question.count);
      case 'missing':
        return this.#missing(question);
      case 'close':
        return this.#side?.close();
    }
  }

  async #start(settings: SideSettings): Promise<Opened> {
    this.#side = await this.#open(settings, {
      recorded: (requestId) => {
        this.#recorded.add();
        this.#onRecorded(requestId);
      },
      handled: () => this.#handled.add(),
    });
    return { description: await this.#side.describe() };
  }

  #running(): JobSide {
    if (this.#side === undefined) throw new Error('Open the side first');
    return this.#side;
  }

  async #burst({ name, count, atOnce }: SideQuestion & { readonly kind: 'burst' }): Promise<BurstResult> {
    const side = this.#running();
    this.#recorded.reset();
    const startedAt = performance.now();
    let next = 0;
    const acceptMany = async (): Promise<void> => {
      while (next < count) {
        next += 1;
        await side.accept(purchaseOf(name, next - 1));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, acceptMany));
    const acceptedMs = performance.now() - startedAt;
    const { lastAt } = await this.#recorded.reach(count);
    return { acceptedMs, recordedMs: lastAt - performance.timeOrigin - startedAt };
  }

  async #steady({ name, perSecond, durationMs }: SideQuestion & { readonly kind: 'steady' }): Promise<SteadyResult> {
    const side = this.#running();
    this.#recorded.reset();
    const total = Math.round((perSecond * durationMs) / 1_000);
    const dueAt = new Map<string, number>();
    const histogram = createHistogram();
    this.#onRecorded = (requestId) => {
      const due = dueAt.get(requestId);
      if (due !== undefined) recordMs(histogram, performance.now() - due);
    };
    const startedAt = performance.now();
    const accepts: Promise<void>[] = [];
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const due = Math.min(total, 1 + Math.floor(((performance.now() - startedAt) * perSecond) / 1_000));
        while (accepts.length < due) {
          const purchase = purchaseOf(name, accepts.length);
          dueAt.set(purchase.requestId, startedAt + (accepts.length * 1_000) / perSecond);
          accepts.push(side.accept(purchase));
        }
        if (accepts.length < total) return;
        clearInterval(timer);
        resolve();
      }, TICK_MS);
    });
    await Promise.all(accepts);
    await this.#recorded.reach(total);
    return { latency: latencyOf(histogram) };
  }

  /** Returns how long it took. */
  async #fill({ name, count }: SideQuestion & { readonly kind: 'fill' }): Promise<number> {
    const startedAt = performance.now();
    for (const purchases of chunksOf(name, count)) await this.#running().acceptMany(purchases);
    return performance.now() - startedAt;
  }

  async #replay({
    name,
    count,
  }: SideQuestion & { readonly kind: 'replay' }): Promise<Progress & { readonly elapsedMs: number }> {
    const purchases = [...chunksOf(name, count)].flat();
    this.#handled.reset();
    const startedAt = performance.now();
    await this.#running().replay(purchases);
    const progress = await this.#handled.reach(count);
    return { ...progress, elapsedMs: progress.lastAt - performance.timeOrigin - startedAt };
  }

  async #missing({ name, count }: SideQuestion & { readonly kind: 'missing' }): Promise<number> {
    let missing = 0;
    for (const purchases of chunksOf(name, count))
      missing += await this.#running().withoutLink(purchases.map(({ requestId }) => requestId));
    return missing;
  }
}
