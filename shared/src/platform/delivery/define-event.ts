import { Type, type Static, type TSchema } from 'typebox';
import { PermanentError } from '../ports/errors.ts';
import type { MessageType } from './message-handlers.ts';
import { parseJson } from './parse-json.ts';
import type { EventBus, ReceivedMessage } from '../ports/event-bus.ts';
import type { Topic } from '../ports/topology-types.ts';
import { compileValidator, summarizeIssues, type Written } from '../validation/validator.ts';

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
  /** What it is about: the requestId in most cases. */
  readonly subject: string;
  /** When the thing happened, ISO 8601 with milliseconds, UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** W3C trace context (the CloudEvents distributed tracing extension). */
  readonly traceparent: string;
  readonly data: Data;
}

/** One type of event: its name, its topic, its schema, and how to make, publish and read it. */
export interface EventDefinition<Data> extends MessageType<DomainEvent<Data>> {
  readonly topic: Topic;
  /** Who publishes it, as CloudEvents has it. */
  readonly source: string;
  /** Of the whole envelope. */
  readonly schema: TSchema;
  /** `generation` tells facts of one type about one subject apart; the first is 1. */
  readonly idOf: (subject: string, generation?: number) => string;
  readonly create: (fact: {
    generation?: number | undefined;
    time: string;
    traceparent: string;
    /** A field that may be absent may be undefined too: JSON leaves it out. */
    data: Data | Written<Data>;
  }) => DomainEvent<Data>;
  /** Resolves with the id of the message when the event is durable. @throws RetryableError */
  readonly publish: (eventBus: EventBus, event: DomainEvent<Data>) => Promise<string>;
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
  /** Last part of the event id: `<subject>.<suffix>`. */
  readonly idSuffix: string;
  /** What the event is about. */
  readonly subjectOf: (data: Static<DataSchema>) => string;
  readonly source: string;
  readonly topic: Topic;
  readonly data: DataSchema;
  /** Attributes of its message besides, by which subscriptions choose (`onlyWith`). */
  readonly attributesOf?: (data: Static<DataSchema>) => Readonly<Record<string, string>>;
}): EventDefinition<Static<DataSchema>> {
  type Data = Static<DataSchema>;
  const { type, source, topic, subjectOf, attributesOf } = definition;
  if (topic.types?.includes(type) !== true)
    throw new Error(`The topic ${topic.name} does not declare the type ${type}`);
  const schema = Type.Unsafe<DomainEvent<Data>>(
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
  );
  const validate = compileValidator(schema);
  const idOf = (subject: string, generation = 1): string =>
    `${subject}.${definition.idSuffix}${generation === 1 ? '' : `.${generation}`}`;
  return {
    type,
    topic,
    source,
    schema,
    idOf,
    create: ({ generation, time, traceparent, data }) => {
      const subject = subjectOf(data as Data);
      return {
        specversion: '1.0',
        id: idOf(subject, generation),
        type,
        source,
        subject,
        time,
        datacontenttype: 'application/json',
        traceparent,
        data: data as Data,
      };
    },
    publish: (eventBus, event) =>
      eventBus.publish(topic, {
        data: JSON.stringify(event),
        attributes: {
          id: event.id,
          type,
          subject: event.subject,
          traceparent: event.traceparent,
          ...attributesOf?.(event.data),
        },
      }),
    parse: (message) => {
      const result = validate(parseJson(message.data));
      if (!result.valid) {
        throw new PermanentError('invalid_event', `Not a ${type} event: ${summarizeIssues(result.issues)}`);
      }
      return result.value;
    },
  };
}
