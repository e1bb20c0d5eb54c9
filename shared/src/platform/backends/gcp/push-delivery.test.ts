import { once } from 'node:events';
import type { Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { PermanentError } from '../../ports/errors.ts';
import { PurchaseReceived } from '../../../model/purchases/purchase-received.ts';
import { createApp } from '../../http/app.ts';
import { HttpError } from '../../http/http-error.ts';
import { listen } from '../../http/http-server.ts';
import { systemClock } from '../../lifecycle/system-clock.ts';
import { createLogger } from '../../log/logger.ts';
import type { ReceivedMessage } from '../../ports/event-bus.ts';
import type { ReceivedTask } from '../../ports/task-queue.ts';
import type { Queue } from '../../ports/topology-types.ts';
import { on } from '../../delivery/message-handlers.ts';
import { deliverMessages } from '../../service/deliver.ts';
import { gate } from '../../testing/contracts/harness.ts';
import { eventually } from '../../testing/eventually.ts';
import { openHttpEdge } from '../../testing/http-edge.ts';
import { RecordingEventBus } from '../../testing/recording-ports.ts';
import { silentLog } from '../../testing/temporary-backend.ts';
import { inviteQueue } from '../../../model/queues.ts';
import { deadLettersForIntake, purchasesForLinkWorker } from '../../../topology.ts';
import type { Consumers, Delivery } from '../backend.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import { createPushDelivery, type PushDeliveryOptions } from './push-delivery.ts';

interface Mounted {
  readonly url: string;
  readonly delivery: Delivery;
  readonly logged: () => string;
}

const servers: Server[] = [];
const ANYBODY: Pick<PushDeliveryOptions, 'authenticatePush' | 'authenticateTask'> = {
  authenticatePush: 'anybody',
  authenticateTask: 'anybody',
};

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function mount(consumers: Partial<Consumers>, authentication = ANYBODY): Promise<Mounted> {
  let printed = '';
  const log = createLogger({ level: 'debug', secrets: [], write: (line) => (printed += line) });
  const delivery = createPushDelivery(
    { subscriptions: [], tasks: [], ...consumers },
    { ...authentication, clock: systemClock, log },
  );
  const { server, port } = await listen(createApp(delivery.routes, log, noTelemetry), { port: 0, host: '127.0.0.1' });
  servers.push(server);
  return { url: `http://127.0.0.1:${port}`, delivery, logged: () => printed };
}

function push(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${url}/pubsub/purchase-events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

function envelope(data: string, more: object = {}): object {
  const message = {
    data: Buffer.from(data).toString('base64'),
    messageId: '77',
    publishTime: '2026-01-02T03:04:05.678901Z',
    attributes: { k: 'v' },
  };
  return {
    message: { ...message, message_id: '77', publish_time: message.publishTime },
    subscription: 'projects/p/subscriptions/s',
    ...more,
  };
}

function task(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(`${url}/v1/invite/worker`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', ...headers },
    body,
  });
}

describe('push endpoints', () => {
  test('a pushed message reaches the handler as it was published, and 200 with an empty object acknowledges it', async () => {
    const received: ReceivedMessage[] = [];
    const handle = (message: ReceivedMessage): Promise<void> => Promise.resolve(void received.push(message));
    const { url } = await mount({ subscriptions: [{ subscription: purchasesForLinkWorker, handle }] });
    const answer = await push(url, envelope('Grüße 👋', { deliveryAttempt: 3 }));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({});
    await push(url, { message: { messageId: '78', publishTime: '2026-01-02T03:04:05Z' }, subscription: 's' });
    expect(received).toEqual([
      {
        messageId: '77',
        data: 'Grüße 👋',
        attributes: { k: 'v' },
        publishTime: new Date('2026-01-02T03:04:05.678Z'),
        deliveryAttempt: 3,
      },
      {
        messageId: '78',
        data: '',
        attributes: {},
        publishTime: new Date('2026-01-02T03:04:05Z'),
        deliveryAttempt: undefined,
      },
    ]);
  });

  // A handler is not to be trusted with throwing errors only.
  const noError = 'not even an error' as unknown as Error;
  test.each([new PermanentError('bad', 'cannot be read'), new Error('a bug'), noError])(
    'a handler that fails with %p is a 503: the message comes again',
    async (failure) => {
      const { url } = await mount({
        subscriptions: [{ subscription: purchasesForLinkWorker, handle: () => Promise.reject(failure) }],
      });
      const answer = await push(url, envelope('x'));
      expect(answer.status).toBe(503);
      expect(await answer.text()).not.toMatch(/a bug|cannot be read/);
    },
  );

  test.each([
    {},
    [],
    null,
    { message: {} },
    { message: { messageId: '1', publishTime: 'now', data: '' }, subscription: 's' },
    envelope('x', { message: { data: '%%%' } }),
  ])('an envelope such as %j is a 400, and is logged', async (body) => {
    const handle = (): Promise<void> => Promise.reject(new Error('must not be called'));
    const { url, logged } = await mount({ subscriptions: [{ subscription: purchasesForLinkWorker, handle }] });
    expect((await push(url, body)).status).toBe(400);
    expect(logged()).toContain('its envelope is malformed');
  });

  test.each([
    ['a month that is none', { publishTime: '2026-13-02T03:04:05Z' }],
    ['a day that is none', { publishTime: '2026-02-30T03:04:05Z' }],
  ])('a publish time with %s is a 400', async (_what, fields) => {
    const { url } = await mount({
      subscriptions: [
        { subscription: purchasesForLinkWorker, handle: () => Promise.reject(new Error('must not be called')) },
      ],
    });
    expect(
      (await push(url, envelope('x', { message: { ...(envelope('x') as { message: object }).message, ...fields } })))
        .status,
    ).toBe(400);
  });

  const event = (userId: string): string =>
    JSON.stringify(
      PurchaseReceived.create({
        time: '2026-01-02T03:04:05Z',
        traceparent: 't',
        data: { requestId: 'r', userId, transactionId: '', communityId: 'c' },
      }),
    );

  test.each([
    ['an event in Latin-1', Buffer.from(event('Andr\xe9'), 'latin1')],
    [
      'an event with half a surrogate pair',
      Buffer.concat([Buffer.from(event('').slice(0, -2)), Buffer.from([0xed, 0xa0, 0x80])]),
    ],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${event('u')}`, 'utf16le')],
    ['noise', Buffer.from([0xff, 0x00, 0x80])],
  ])('data that is no UTF-8 is no event, and parked as it came: %s', async (_what, bytes) => {
    const eventBus = new RecordingEventBus();
    const { url } = await mount({
      subscriptions: [
        deliverMessages(
          { subscription: purchasesForLinkWorker, handlers: [on(PurchaseReceived, () => Promise.resolve())] },
          { eventBus, clock: systemClock, log: silentLog, telemetry: noTelemetry },
        ),
      ],
    });
    const message = { ...(envelope('') as { message: object }).message, data: bytes.toString('base64') };
    expect((await push(url, envelope('', { message }))).status).toBe(200);
    expect(eventBus.published.map((published) => Buffer.from(published.message.data, 'base64'))).toEqual([bytes]);
  });

  test('a poison message of 10 MB is parked and acknowledged', async () => {
    const eventBus = new RecordingEventBus();
    const log = createLogger({ level: 'silent', secrets: [] });
    const binding = deliverMessages(
      { subscription: purchasesForLinkWorker, handlers: [on(PurchaseReceived, () => Promise.resolve())] },
      { eventBus, clock: systemClock, log, telemetry: noTelemetry },
    );
    const { url } = await mount({ subscriptions: [binding] });
    const data = 'x'.repeat(10_000_000);
    expect((await push(url, envelope(data))).status).toBe(200);
    expect(eventBus.published).toHaveLength(1);
    expect(eventBus.published[0]?.message.data === data).toBe(true);
  });

  test('a task reaches the handler with its own name and the number of the attempt', async () => {
    const received: ReceivedTask[] = [];
    const handle = (each: ReceivedTask): Promise<void> => Promise.resolve(void received.push(each));
    const { url } = await mount({ tasks: [{ queue: inviteQueue, handle }] });
    const headers = { 'x-cloudtasks-taskname': 'abc123', 'x-cloudtasks-taskretrycount': '2' };
    expect((await task(url, 'not JSON', { ...headers, 'x-task-name': 'request-1-0' })).status).toBe(200);
    expect((await task(url, '', headers)).status).toBe(200);
    expect(received).toEqual([
      { name: 'request-1-0', payload: 'not JSON', attemptNumber: 3 },
      { name: 'abc123', payload: '', attemptNumber: 3 },
    ]);
    expect((await task(url, '{}', {})).status).toBe(400);
    expect((await task(url, 'x'.repeat(1_100_000), headers)).status).toBe(413);
  });

  test.each(['/pubsub/purchase-events', '/v1/invite/worker'])(
    'calls of %s that break off, at every stage, leave nothing behind',
    async (path) => {
      const subscription = { subscription: purchasesForLinkWorker, handle: () => Promise.resolve() };
      const delivery = createPushDelivery(
        { subscriptions: [subscription], tasks: [{ queue: inviteQueue, handle: () => Promise.resolve() }] },
        { ...ANYBODY, clock: systemClock, log: silentLog },
      );
      const edge = await openHttpEdge(delivery.routes);
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nX-CloudTasks-TaskName: t\r\nX-CloudTasks-TaskRetryCount: 0\r\nContent-Type: application/json\r\n`;
      const whole = JSON.stringify(envelope('x'));
      const stages = [
        '',
        head,
        `${head}Content-Length: 1000000\r\n\r\n{`,
        `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{`,
        `${head}Content-Length: ${whole.length}\r\nContent-Encoding: gzip\r\n\r\n{`,
        `${head}Content-Length: ${whole.length}\r\n\r\n${whole}`,
      ];
      for (const stage of stages) {
        const calls = Array.from({ length: 60 }, () => edge.dial(stage));
        await Promise.all(calls.map(({ socket }) => once(socket, 'connect')));
        for (const [index, { socket }] of calls.entries()) socket[index % 2 === 0 ? 'destroy' : 'resetAndDestroy']();
      }
      // As many of the largest as its caller may have: what was held before would be missing.
      const largest = path === '/pubsub/purchase-events' ? 4 : 64;
      await eventually(async () => {
        const calls = Array.from({ length: largest }, () =>
          edge.dial(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{`),
        );
        const oneMore = edge.dial(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{`);
        await eventually(() => oneMore.received().startsWith('HTTP/1.1 429 '), { timeoutMs: 1_000 });
        const refused = calls.filter(({ received }) => received() !== '').length;
        for (const { socket } of calls) socket.destroy();
        expect(refused).toBe(0);
      });
      await edge.close();
    },
  );

  test('a caller who is refused gets no further than that', async () => {
    let calls = 0;
    const handle = (): Promise<void> => Promise.resolve(void (calls += 1));
    const refuse = (): never => {
      throw new HttpError('unauthorized', 'no');
    };
    const { url } = await mount(
      { subscriptions: [{ subscription: purchasesForLinkWorker, handle }], tasks: [{ queue: inviteQueue, handle }] },
      { authenticatePush: refuse, authenticateTask: refuse },
    );
    expect((await push(url, envelope('x'))).status).toBe(401);
    expect((await task(url, '{}', { 'x-cloudtasks-taskname': 't', 'x-cloudtasks-taskretrycount': '0' })).status).toBe(
      401,
    );
    expect(calls).toBe(0);
  });

  test('each queue has an endpoint of its own: by default under its name', async () => {
    const received: string[] = [];
    const consumerOf = (queue: Queue): Consumers['tasks'][number] => ({
      queue,
      handle: ({ payload }) => Promise.resolve(void received.push(`${queue.name}: ${payload}`)),
    });
    const other: Queue = { ...inviteQueue, name: 'other-queue', endpoint: undefined };
    const { url } = await mount({ tasks: [consumerOf(inviteQueue), consumerOf(other)] });
    const headers = { 'x-cloudtasks-taskname': 't', 'x-cloudtasks-taskretrycount': '0', 'content-type': 'text/plain' };
    for (const path of ['/v1/invite/worker', '/v1/tasks/other-queue'])
      expect((await fetch(url + path, { method: 'POST', headers, body: path })).status).toBe(200);
    expect(received).toEqual(['tg-invite-queue: /v1/invite/worker', 'other-queue: /v1/tasks/other-queue']);
    expect(() =>
      createPushDelivery(
        {
          subscriptions: [],
          tasks: [consumerOf(inviteQueue), consumerOf({ ...other, endpoint: '/v1/invite/worker' })],
        },
        { ...ANYBODY, clock: systemClock, log: silentLog },
      ),
    ).toThrow(/share the path/);
  });

  test('endpoints without a caller, or two that share a path, are refused at start', () => {
    const options: PushDeliveryOptions = {
      ...ANYBODY,
      clock: systemClock,
      log: createLogger({ level: 'silent', secrets: [] }),
    };
    const subscription = { subscription: purchasesForLinkWorker, handle: () => Promise.resolve() };
    expect(() =>
      createPushDelivery({ subscriptions: [subscription], tasks: [] }, { ...options, authenticatePush: undefined }),
    ).toThrow(/its caller/);
    expect(() => createPushDelivery({ subscriptions: [subscription, subscription], tasks: [] }, options)).toThrow(
      /share the path/,
    );
  });

  test('no more handlers than allowed are at work, and stopping waits for those and refuses the rest', async () => {
    const finish = gate();
    let atWork = 0;
    const handle = async (): Promise<void> => {
      atWork += 1;
      await finish.opened;
    };
    const { url, delivery } = await mount({
      subscriptions: [
        { subscription: { ...deadLettersForIntake, topic: purchasesForLinkWorker.topic, maxConcurrency: 2 }, handle },
      ],
    });
    const answers = [push(url, envelope('a')), push(url, envelope('b')), push(url, envelope('c'))];
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(atWork).toBe(2);
    const stopping = delivery.stop(5_000);
    expect((await push(url, envelope('d'))).status).toBe(503);
    finish.open();
    await stopping;
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 503]);
    expect(atWork).toBe(2);
  });
});
