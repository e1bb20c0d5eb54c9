import type { OutgoingMessage, ReceivedMessage } from '../ports/event-bus.ts';
import type { Topic } from '../ports/topology-types.ts';
import { PermanentError } from '../ports/errors.ts';
import type { MessageType } from './message-handlers.ts';

// Without npm packages: the infrastructure program reads what is defined by it.

/** What a schedule publishes. */
export interface TickDefinition extends MessageType<undefined> {
  readonly topic: Topic;
  readonly message: OutgoingMessage;
}

/**
 * A scheduler outside (Cloud Scheduler) sends the same bytes each time, so a tick is no event with an id and a time: it
 * has a type, as an attribute, and no content.
 */
export function defineTick({ type, topic }: { readonly type: string; readonly topic: Topic }): TickDefinition {
  const message = { data: '{}', attributes: { type } };
  return {
    type,
    topic,
    message,
    parse: ({ data }: Pick<ReceivedMessage, 'data'>) => {
      if (data !== message.data) throw new PermanentError('invalid_event', `A ${type} has no content`);
      return undefined;
    },
  };
}
