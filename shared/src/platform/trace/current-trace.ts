import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from './span.ts';

/** Where in which trace the work of this moment belongs. */
export interface CurrentTrace {
  /** W3C trace context: of the span under way, or, where nothing is traced, as the caller sent it. */
  readonly traceparent: string;
  /** Of the purchase that is at work, where that is known. */
  readonly requestId?: string | undefined;
  readonly span: Span;
}

// Every log line reads it, so it is there whether or not anything is traced.
const storage = new AsyncLocalStorage<CurrentTrace>();

export function inTrace<T>(trace: CurrentTrace, work: () => T): T {
  return storage.run(trace, work);
}

/** Undefined outside of requests, deliveries and tasks. */
export function currentTrace(): CurrentTrace | undefined {
  return storage.getStore();
}
