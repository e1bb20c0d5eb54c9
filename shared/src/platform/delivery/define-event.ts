import { Type, type Static, type TSchema } from 'typebox';
import { PermanentError } from './errors.ts';
import type { EventBus, ReceivedMessage } from '../ports/event-bus.ts';
import type { Topic } from '../ports/topology-types.ts';
import { compileValidator, summarizeIssues } from '../validation/validator.ts';

/** A CloudEvents 1.0 event in structured JSON mode (https://github.com/cloudevents/spec). */
export interface DomainEvent<Data> {
  readonly specversion: '1.0';
  /**
   * The same fact has the same id, however often it is published: it is made of the requestId, the type and, from the
   * second on, the generation.
   */
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** The requestId. */
  readonly subject: string;
  /** When the thing happened, ISO 8601 with milliseconds, UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** W3C trace context (the CloudEvents distributed tracing extension). */
  readonly traceparent: string;
  readonly data: Data;
}

/** One kind of event: its name, its topic, its schema, and how to make, publish and read it. */
export interface EventDefinition<Data> {
  readonly type: string;
  readonly topic: Topic;
  /** `generation` tells facts of one kind about one request apart; the first is 1. */
  readonly idOf: (requestId: string, generation?: number) => string;
  readonly create: (fact: {
    requestId: string;
    generation?: number | undefined;
    time: string;
    traceparent: string;
    data: Data;
  }) => DomainEvent<Data>;
  /** Resolves when the event is durable. @throws RetryableError */
  readonly publish: (eventBus: EventBus, event: DomainEvent<Data>) => Promise<void>;
  /** @throws PermanentError when the message is not such an event: trying again cannot mend that. */
  readonly parse: (message: Pick<ReceivedMessage, 'data'>) => DomainEvent<Data>;
}

export const Timestamp = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
  format: 'date-time',
  description: 'an ISO 8601 time in UTC with milliseconds',
});

export function defineEvent<DataSchema extends TSchema>(definition: {
  /** Past tense, PascalCase. */
  readonly type: string;
  /** Last part of the event id: `<requestId>.<suffix>`. */
  readonly idSuffix: string;
  readonly source: string;
  readonly topic: Topic;
  readonly data: DataSchema;
}): EventDefinition<Static<DataSchema>> {
  type Data = Static<DataSchema>;
  const { type, source, topic } = definition;
  const validate = compileValidator(
    Type.Unsafe<DomainEvent<Data>>(
      Type.Object({
        specversion: Type.Literal('1.0'),
        id: Type.String({ minLength: 1, maxLength: 200 }),
        type: Type.Literal(type),
        source: Type.String(),
        subject: Type.String({ minLength: 1 }),
        time: Timestamp,
        datacontenttype: Type.Literal('application/json'),
        traceparent: Type.String(),
        data: definition.data,
      }),
    ),
  );
  const idOf = (requestId: string, generation = 1): string =>
    `${requestId}.${definition.idSuffix}${generation === 1 ? '' : `.${generation}`}`;
  return {
    type,
    topic,
    idOf,
    create: ({ requestId, generation, time, traceparent, data }) => ({
      specversion: '1.0',
      id: idOf(requestId, generation),
      type,
      source,
      subject: requestId,
      time,
      datacontenttype: 'application/json',
      traceparent,
      data,
    }),
    publish: async (eventBus, event) => {
      await eventBus.publish(topic, {
        data: JSON.stringify(event),
        attributes: { id: event.id, type, traceparent: event.traceparent },
      });
    },
    parse: (message) => {
      const result = validate(parseJson(message.data));
      if (!result.valid) {
        throw new PermanentError('invalid_event', `Not a ${type} event: ${summarizeIssues(result.issues)}`);
      }
      return result.value;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new PermanentError('invalid_event', 'The message is not JSON');
  }
}
