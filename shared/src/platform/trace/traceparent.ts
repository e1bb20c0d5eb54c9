import { randomUUID } from 'node:crypto';

// https://www.w3.org/TR/trace-context/#traceparent-header
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

export interface TraceparentParts {
  readonly traceId: string;
  readonly spanId: string;
  /** 1: its sender records the trace. */
  readonly traceFlags: number;
}

/** Undefined when it is not well formed. */
export function parseTraceparent(text: string): TraceparentParts | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & 1 };
}

/** The caller's trace context when it is well formed, otherwise that of a new trace. */
export function traceparentFrom(header: string | string[] | undefined): string {
  if (typeof header === 'string' && TRACEPARENT.test(header)) return header;
  // 122 random bits. Node draws UUIDs from a buffer of random bytes that it keeps; randomBytes asks the system for each
  // few bytes anew.
  const traceId = randomUUID().replaceAll('-', '');
  // There is no span that this could be the id of; it only has to be well formed.
  return `00-${traceId}-${traceId.slice(16)}-01`;
}
