// A task has no attributes beside its payload, so the trace context travels in it: by convention as `traceparent` at
// its top level.

/** Undefined when the payload is no JSON object, or has none. */
export function traceparentOf(payload: string): string | undefined {
  const traceparent = parse(payload)?.['traceparent'];
  return typeof traceparent === 'string' ? traceparent : undefined;
}

/** The payload with another trace context in the place of its own; as it is when it carries none. */
export function withTraceparent(payload: string, traceparent: string): string {
  const content = parse(payload);
  return typeof content?.['traceparent'] === 'string' ? JSON.stringify({ ...content, traceparent }) : payload;
}

function parse(payload: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const content: unknown = JSON.parse(payload);
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
