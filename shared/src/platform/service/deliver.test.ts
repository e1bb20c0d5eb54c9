import { beforeEach, describe, expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { defineEvent } from '../delivery/define-event.ts';
import { defineTask } from '../delivery/define-task.ts';
import { defineTick } from '../delivery/define-tick.ts';
import { InvalidArgumentError, NotFoundError, PermanentError, RetryableError } from '../ports/errors.ts';
import { on, onAnyMessage, type TypedMessageHandler } from '../delivery/message-handlers.ts';
import { onTask } from '../delivery/task-handlers.ts';
import { createLogger } from '../log/logger.ts';
import type { OutgoingMessage, ReceivedMessage } from '../ports/event-bus.ts';
import type { Queue, Subscription, Topic } from '../ports/topology-types.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { RecordingEventBus } from '../testing/recording-ports.ts';
import { noTelemetry } from '../telemetry/telemetry.ts';
import { deliverMessages, deliverTasks } from './deliver.ts';

const policy = { ackDeadlineSeconds: 10, minBackoffSeconds: 1, maxBackoffSeconds: 1, maxConcurrency: 1 };
const deadLetters: Topic = { name: 'dead-letters', retentionSeconds: 600 };
const shop: Topic = { name: 'shop', types: ['Sold', 'Returned', 'ShopClosed'], retentionSeconds: 600 };
const sales: Subscription = {
  name: 'link-worker-shop',
  topic: shop,
  service: 'link-worker',
  ...policy,
  deadLetter: { topic: deadLetters },
};
const lastResort: Subscription = {
  name: 'intake-dead-letters',
  topic: deadLetters,
  service: 'intake-service',
  ...policy,
};
const queue: Queue = {
  name: 'work',
  service: 'link-worker',
  types: ['pack', 'send'],
  defaultType: 'pack',
  deadLetter: { topic: deadLetters },
  maxDispatchesPerSecond: 1,
  maxConcurrentDispatches: 1,
  dispatchDeadlineSeconds: 15,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 1,
};

const data = Type.Object({ item: Type.String() });
const subjectOf = ({ item }: { readonly item: string }): string => item;
const Sold = defineEvent({ type: 'Sold', idSuffix: 'sold', source: 's', topic: shop, subjectOf, data });
const Returned = defineEvent({ type: 'Returned', idSuffix: 'returned', source: 's', topic: shop, subjectOf, data });
const ShopClosed = defineTick({ type: 'ShopClosed', topic: shop });
const Pack = defineTask({ type: 'pack', queue, data, nameOf: ({ item }) => `pack-${item}` });
const Send = defineTask({ type: 'send', queue, data, nameOf: ({ item }) => `send-${item}` });

const eventBus = new RecordingEventBus();
const lines: string[] = [];
const log = createLogger({ level: 'debug', secrets: [], write: (line) => lines.push(line) });
const deps = { eventBus, clock: new ManualClock(), log, telemetry: noTelemetry };

beforeEach(() => {
  eventBus.published.length = 0;
  lines.length = 0;
});

const received = (message: Partial<OutgoingMessage>): ReceivedMessage => ({
  data: 'x',
  attributes: { id: 'e1', type: 'Sold' },
  messageId: 'm1',
  publishTime: new Date(0),
  deliveryAttempt: 3,
  ...message,
});

async function published(type: typeof Sold, item = 'hat'): Promise<OutgoingMessage> {
  const bus = new RecordingEventBus();
  await type.publish(bus, type.create({ time: '2026-01-01T00:00:00.000Z', traceparent: 't', data: { item } }));
  const [first] = bus.published;
  if (first === undefined) throw new Error('Nothing was published');
  return first.message;
}

const outcomes = (): readonly unknown[] =>
  lines.map((line) => (JSON.parse(line) as { readonly outcome: unknown }).outcome);

describe('deciding what becomes of a delivery', () => {
  async function deliver(failure: Error | undefined): Promise<void> {
    const message = received(await published(Sold));
    const handle = (): Promise<void> => (failure === undefined ? Promise.resolve() : Promise.reject(failure));
    await deliverMessages({ subscription: sales, handlers: [on(Sold, handle)] }, deps).handle(message);
  }

  test('a success acknowledges', async () => {
    await deliver(undefined);
    expect(eventBus.published).toEqual([]);
    expect(outcomes()).toEqual(['acknowledged']);
  });

  test('what can never succeed is parked with source, reason and attempts, and acknowledged', async () => {
    await deliver(new PermanentError('not_for_sale', 'there is no such hat'));
    const { data: text, attributes } = await published(Sold);
    expect(eventBus.published).toEqual([
      {
        topic: deadLetters.name,
        message: {
          data: text,
          attributes: {
            ...attributes,
            CloudPubSubDeadLetterSourceSubscription: 'link-worker-shop',
            CloudPubSubDeadLetterSourceDeliveryCount: '3',
            deadLetterCode: 'not_for_sale',
            deadLetterReason: 'there is no such hat',
          },
        },
      },
    ]);
    expect(outcomes()).toEqual(['dead_lettered']);
  });

  test.each([new RetryableError('busy', 'later'), new TypeError('a bug')])(
    '%s is handed back: an unknown error never costs a message',
    async (failure) => {
      await expect(deliver(failure)).rejects.toBe(failure);
      expect(eventBus.published).toEqual([]);
      expect(outcomes()).toEqual(['handed_back']);
    },
  );

  test.each([new InvalidArgumentError('invalid_document_id', 'a/b'), new NotFoundError('unknown_snapshot', 'gone')])(
    'what a port refuses of the values in a message is parked as well: %s',
    async (error) => {
      await deliver(error);
      expect(eventBus.published).toMatchObject([{ message: { attributes: { deadLetterCode: error.code } } }]);
      expect(outcomes()).toEqual(['dead_lettered']);
    },
  );

  test('a message that cannot be parked is handed back', async () => {
    eventBus.failNext = new RetryableError('storage_full', 'no space');
    await expect(deliver(new PermanentError('invalid_event', 'not an event'))).rejects.toMatchObject({
      code: 'storage_full',
    });
  });

  test('a dead letter that cannot be recorded is handed back, not parked again', async () => {
    const failure = new PermanentError('invalid_commit', 'too large');
    const binding = { subscription: lastResort, handlers: [onAnyMessage(() => Promise.reject(failure))] };
    await expect(deliverMessages(binding, deps).handle(received({}))).rejects.toBe(failure);
    expect(eventBus.published).toEqual([]);
  });

  test('a message that was at work at each of five deaths of the process is parked without another try', async () => {
    const handle = (): Promise<void> => Promise.reject(new Error('not to be called'));
    const { handle: deliverOne } = deliverMessages({ subscription: sales, handlers: [on(Sold, handle)] }, deps);
    await deliverOne({ ...received(await published(Sold)), processDeaths: 4 });
    expect(eventBus.published).toMatchObject([{ message: { attributes: { deadLetterCode: 'process_died' } } }]);
  });
});

describe('finding the handler of a message by its type', () => {
  const handled: string[] = [];
  const noting = (what: string) => (): Promise<void> => Promise.resolve(void handled.push(what));
  const all = [on(Sold, noting('sold')), on(Returned, noting('returned')), on(ShopClosed, noting('closed'))];

  async function deliver(message: Partial<OutgoingMessage>, handlers: readonly TypedMessageHandler[] = all) {
    handled.length = 0;
    await deliverMessages({ subscription: sales, handlers }, deps).handle(received(message));
    return handled;
  }

  test('events of one topic go each to their own handler, and so does the tick of a schedule', async () => {
    expect(await deliver(await published(Sold))).toEqual(['sold']);
    expect(await deliver(await published(Returned))).toEqual(['returned']);
    expect(await deliver(ShopClosed.message)).toEqual(['closed']);
  });

  test('the type of an event that somebody published without attributes is read from its body', async () => {
    expect(await deliver({ ...(await published(Returned)), attributes: {} })).toEqual(['returned']);
  });

  test('a type that the topic declares and this service does not want is acknowledged', async () => {
    expect(await deliver(await published(Returned), [on(Sold, noting('sold'))])).toEqual([]);
    expect(eventBus.published).toEqual([]);
    expect(outcomes()).toEqual(['not_wanted']);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'debug', source: 'link-worker-shop' });
  });

  test.each([
    [
      'of a type that the topic does not declare',
      { attributes: { type: 'Stolen' } },
      'shop carries no events of the type Stolen',
    ],
    [
      'of such a type, without attributes',
      { data: '{"type":"Stolen"}', attributes: {} },
      'shop carries no events of the type Stolen',
    ],
    ['without a type', { data: '{}', attributes: {} }, 'The message names no type'],
    ['that is not JSON', { attributes: {} }, 'The message is not JSON'],
    ['that is not JSON, with a type', { attributes: { type: 'Sold' } }, 'The message is not JSON'],
    ['that is not the event that it says', { data: '{}', attributes: { type: 'Sold' } }, 'Not a Sold event: '],
    ['a tick with content', { data: '{"a":1}', attributes: { type: 'ShopClosed' } }, 'A ShopClosed has no content'],
  ])('a message %s is a dead letter', async (_what, message, reason) => {
    expect(await deliver(message)).toEqual([]);
    expect(eventBus.published).toMatchObject([
      {
        message: { attributes: { deadLetterCode: 'invalid_event', deadLetterReason: expect.stringContaining(reason) } },
      },
    ]);
  });

  test('a handler of a type that the topic does not declare is refused at the start', () => {
    const binding = { subscription: lastResort, handlers: [on(Sold, noting('sold'))] };
    expect(() => deliverMessages(binding, deps)).toThrow('The topic dead-letters does not declare the type Sold');
    const event = { type: 'Stolen', idSuffix: 'stolen', source: 's', topic: shop, subjectOf, data };
    expect(() => defineEvent(event)).toThrow('The topic shop does not declare the type Stolen');
  });
});

describe('finding the handler of a task by its type', () => {
  const handled: unknown[] = [];
  const { handle } = deliverTasks(
    {
      queue,
      handlers: [
        onTask(Pack, ({ item }, { name }) => Promise.resolve(void handled.push(['pack', item, name]))),
        onTask(Send, ({ item }, { name }) => Promise.resolve(void handled.push(['send', item, name]))),
      ],
    },
    deps,
  );

  beforeEach(() => {
    handled.length = 0;
  });

  test('only a type that is not the default of its queue is written into the payload', () => {
    expect(Pack.toQueueTask({ item: 'hat' })).toEqual({ name: 'pack-hat', payload: '{"item":"hat"}' });
    const notBefore = new Date(0);
    expect(Send.toQueueTask({ item: 'hat' }, notBefore)).toEqual({
      name: 'send-hat',
      payload: '{"type":"send","item":"hat"}',
      notBefore,
    });
  });

  test('each goes to its own handler', async () => {
    for (const type of [Pack, Send]) await handle({ ...type.toQueueTask({ item: 'hat' }), attemptNumber: 1 });
    expect(handled).toEqual([
      ['pack', 'hat', 'pack-hat'],
      ['send', 'hat', 'send-hat'],
    ]);
  });

  test.each([
    ['no JSON', 'The task payload is not JSON'],
    ['null', 'Not a pack task: '],
    ['{}', 'Not a pack task: '],
    ['{"type":"send"}', 'Not a send task: '],
    ['{"type":"burn"}', 'work has no handler for the type burn'],
    ['{"type":{}}', 'work has no handler for the type (none)'],
  ])('the payload %s is a dead letter', async (payload, reason) => {
    await handle({ name: 'odd', payload, attemptNumber: 1 });
    expect(handled).toEqual([]);
    expect(eventBus.published).toMatchObject([
      {
        topic: deadLetters.name,
        message: {
          data: payload,
          attributes: {
            id: 'odd',
            CloudPubSubDeadLetterSourceSubscription: 'work',
            deadLetterCode: 'invalid_task',
            deadLetterReason: expect.stringContaining(reason),
          },
        },
      },
    ]);
  });
});
