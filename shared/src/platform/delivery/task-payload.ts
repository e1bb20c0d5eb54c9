// A task has no attributes beside its payload. By convention the top level of the payload holds `traceparent`,
// `requestId`, and `type` where that is not the default type of the queue.

/** As long as the id of an event may be. */
const MAX_SUBJECT_CHARACTERS = 200;

export interface TaskPayload {
  /** Undefined when the payload is not JSON. */
  readonly content: unknown;
  readonly traceparent: string | undefined;
  /** What the task is about, a requestId. */
  readonly subject: string | undefined;
}

export function readTaskPayload(payload: string): TaskPayload {
  const content = parsed(payload);
  const { traceparent, requestId } = (content ?? {}) as Readonly<Record<string, unknown>>;
  return {
    content,
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    subject: typeof requestId === 'string' && requestId.length <= MAX_SUBJECT_CHARACTERS ? requestId : undefined,
  };
}

/** The payload with another trace context in the place of its own; as it is when it carries none. */
export function withTraceparent(payload: string, traceparent: string): string {
  const read = readTaskPayload(payload);
  return read.traceparent === undefined ? payload : JSON.stringify({ ...(read.content as object), traceparent });
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}
