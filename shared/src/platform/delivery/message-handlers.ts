import type { MessageHandler, ReceivedMessage } from '../ports/event-bus.ts';
import type { Subscription } from '../ports/topology-types.ts';
import { PermanentError } from '../ports/errors.ts';
import { parseJson } from './parse-json.ts';
import type { DeliveryOutcome } from './received-delivery.ts';

/** One type of message and how it is read: an event, or the tick of a schedule. */
export interface MessageType<Content> {
  readonly type: string;
  /** @throws PermanentError when the message is not of this type: trying again cannot mend that. */
  readonly parse: (message: ReceivedMessage) => Content;
}

export interface TypedMessageHandler {
  /** Undefined: any message of a topic that declares no types. */
  readonly type: string | undefined;
  readonly handle: MessageHandler;
}

/**
 * @param handle May throw a PermanentError: the message becomes a dead letter. After any other error it is delivered
 *   again.
 */
export function on<Content>(
  { type, parse }: MessageType<Content>,
  handle: (content: Content, message: ReceivedMessage) => Promise<void>,
): TypedMessageHandler {
  return { type, handle: async (message) => handle(parse(message), message) };
}

/** For a topic that declares no types. */
export function onAnyMessage(handle: MessageHandler): TypedMessageHandler {
  return { type: undefined, handle };
}

/**
 * Finds the handler by the type of the message. A type that the topic declares and that has no handler is not wanted
 * here.
 * @throws Error for a handler of a type that the topic does not declare. The function that it returns throws a
 *   PermanentError for a message of such a type.
 */
export function handleByType({
  subscription: { topic },
  handlers,
}: {
  readonly subscription: Subscription;
  readonly handlers: readonly TypedMessageHandler[];
}): (message: ReceivedMessage) => Promise<DeliveryOutcome> {
  const declared = new Set<string | undefined>(topic.types ?? [undefined]);
  const handles = new Map(handlers.map(({ type, handle }) => [type, handle]));
  for (const type of handles.keys())
    if (!declared.has(type)) throw new Error(`The topic ${topic.name} does not declare the type ${type ?? '(any)'}`);
  return async (message) => {
    const type = topic.types === undefined ? undefined : typeOf(message);
    if (!declared.has(type))
      throw new PermanentError(
        'invalid_event',
        `${topic.name} carries no events of the type ${type?.slice(0, 100) ?? '(none)'}`,
      );
    const handle = handles.get(type);
    if (handle === undefined) return { outcome: 'not_wanted' };
    await handle(message);
    return { outcome: 'acknowledged' };
  };
}

/** The attribute says it without a look at the body. A message that somebody published by hand may have none. */
function typeOf({ attributes, data }: ReceivedMessage): string {
  const type = attributes['type'] ?? (parseJson(data) as { readonly type?: unknown } | null)?.type;
  if (typeof type !== 'string') throw new PermanentError('invalid_event', 'The message names no type');
  return type;
}
