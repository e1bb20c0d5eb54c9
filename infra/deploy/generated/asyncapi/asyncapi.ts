import { deadLetterAttributes } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import type { Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { events, tasks, ticks } from './definitions.ts';

const TEXT = { type: 'string' };

/** What travels between our own parts, in the words of AsyncAPI 3 (https://www.asyncapi.com/docs/reference). */
export function asyncApi(): object {
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Telegram Paid Community Automation',
      version: '1',
      description:
        'Written by `npm run asyncapi` from the definitions themselves. Events are CloudEvents 1.0 in structured JSON mode. A subscription acknowledges a type that its topic declares and its service does not want. Any other type becomes a dead letter.',
    },
    defaultContentType: 'application/json',
    channels: { ...mapOf(topology.topics, topicChannel), ...mapOf(topology.queues, queueChannel) },
    operations: {
      ...Object.fromEntries(events.map(({ definition }) => published(definition))),
      ...mapOf(topology.subscriptions, ({ topic, service, name }) =>
        receiving(topic.name, typesOf(topic), `${service} receives what the subscription ${name} delivers`),
      ),
      ...mapOf(topology.queues, ({ name, types = [], service }) =>
        receiving(name, types, `${service} executes the tasks of the queue`),
      ),
    },
    components: { messages: { ...eventMessages(), ...tickMessages(), DeadLetter: deadLetter(), ...taskMessages() } },
  };
  // Without what only the code has: the schemas carry types of TypeScript along.
  return JSON.parse(JSON.stringify(document)) as object;
}

function mapOf<T extends { readonly name: string }>(items: readonly T[], describe: (item: T) => object): object {
  return Object.fromEntries(items.map((item) => [item.name, describe(item)]));
}

function typesOf({ types }: Topic): readonly string[] {
  return types ?? ['DeadLetter'];
}

function topicChannel(topic: Topic): object {
  return channel(topic.name, 'topic', typesOf(topic));
}

function queueChannel({ name, types = [] }: { readonly name: string; readonly types?: readonly string[] }): object {
  return channel(name, 'queue', types);
}

function channel(name: string, kind: 'topic' | 'queue', types: readonly string[]): object {
  const messages = Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }]));
  return { address: name, description: `The ${kind} ${name}`, messages };
}

function receiving(channelName: string, types: readonly string[], summary: string): object {
  return { action: 'receive', summary, ...on(channelName, types) };
}

function published({ type, topic, source }: (typeof events)[number]['definition']): readonly [string, object] {
  return [`${source}-${type}`, { action: 'send', summary: `${source} publishes ${type}`, ...on(topic.name, [type]) }];
}

function on(channelName: string, types: readonly string[]): object {
  return {
    channel: { $ref: `#/channels/${channelName}` },
    messages: types.map((type) => ({ $ref: `#/channels/${channelName}/messages/${type}` })),
  };
}

function attributes(required: readonly string[], optional: readonly string[] = []): object {
  const properties = Object.fromEntries([...required, ...optional].map((name) => [name, TEXT]));
  return { type: 'object', properties, required };
}

function eventMessages(): object {
  return Object.fromEntries(
    events.map(({ definition: { type, schema }, summary, example }) => [
      type,
      {
        name: type,
        summary,
        contentType: 'application/cloudevents+json',
        // `subject` is missing in messages of earlier versions.
        headers: attributes(['id', 'type', 'traceparent'], ['subject']),
        payload: schema,
        examples: [{ payload: example }],
      },
    ]),
  );
}

function tickMessages(): object {
  return Object.fromEntries(
    ticks.map(({ definition: { type }, summary }) => [
      type,
      {
        name: type,
        summary,
        headers: { type: 'object', properties: { type: { const: type } }, required: ['type'] },
        payload: { type: 'object', additionalProperties: false },
      },
    ]),
  );
}

function deadLetter(): object {
  const { source, attempts, code, reason } = deadLetterAttributes;
  return {
    name: 'DeadLetter',
    summary: 'What could not be processed, with the attributes and the bytes with which it came',
    contentType: 'application/octet-stream',
    headers: attributes([source, attempts], [code, reason]),
    payload: {},
  };
}

function taskMessages(): object {
  return Object.fromEntries(
    tasks.map(({ definition: { type, schema }, summary, example }) => [
      type,
      { name: type, summary, payload: schema, examples: [{ payload: example }] },
    ]),
  );
}
