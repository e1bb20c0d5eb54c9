import { afterEach, describe, expect, test } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { LOCATION, QUEUE, closeEmulators, openEmulator, type Task } from './testing/open-emulator.ts';

afterEach(closeEmulators);

const DAY_SECONDS = 24 * 3_600;

function inSeconds(seconds: number): { seconds: number } {
  return { seconds: Math.floor(Date.now() / 1_000) + seconds };
}

describe('names', () => {
  test('a task keeps its name, and gets one when it has none', async () => {
    const { client, add } = await openEmulator();
    expect(await add('my_task-1')).toBe('my_task-1');
    const generated = await add();
    expect(generated).toMatch(/^\d{19}$/);
    expect(await add()).not.toBe(generated);
    const long = 'n'.repeat(500);
    expect(await add(long, { scheduleTime: inSeconds(60) })).toBe(long);
    const [task] = await client.getTask({ name: `${QUEUE}/tasks/${long}` });
    expect(task).toMatchObject({
      name: `${QUEUE}/tasks/${long}`,
      view: 'BASIC',
      dispatchCount: 0,
      httpRequest: { httpMethod: 'POST' },
    });
    expect(task.httpRequest?.body).toHaveLength(0);
    const [whole] = await client.getTask({ name: `${QUEUE}/tasks/${long}`, responseView: 'FULL' });
    expect(String(whole.httpRequest?.body)).toBe('{}');
  });

  test('a name is taken while its task waits, and for an hour after it was deleted or executed', async () => {
    const clock = new ManualClock(Date.now());
    const { emulator, client, add, handler } = await openEmulator({}, { clock });
    await add('executed');
    await add('deleted', { scheduleTime: inSeconds(DAY_SECONDS) });
    await expect(add('deleted')).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
    await client.deleteTask({ name: `${QUEUE}/tasks/deleted` });
    await expect(client.deleteTask({ name: `${QUEUE}/tasks/deleted` })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
    await eventually(() => emulator.queue(QUEUE).size === 0);
    clock.advance(3_590_000);
    await expect(add('executed')).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
    await expect(add('deleted')).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
    clock.advance(20_000);
    await add('executed');
    await add('deleted');
    await eventually(() => handler.calls.length === 3);
  });
});

describe('what is refused', () => {
  test.each<[string, string, Task]>([
    ['a name with a dot', 'task.name', { name: `${QUEUE}/tasks/a.b` }],
    ['a name of 501 characters', 'task.name', { name: `${QUEUE}/tasks/${'n'.repeat(501)}` }],
    ['a name in another queue', 'task.name', { name: `${LOCATION}/queues/other/tasks/a` }],
    ['a time 31 days ahead', 'task.schedule_time', { scheduleTime: inSeconds(31 * DAY_SECONDS) }],
    ['a deadline under 15 s', 'task.dispatch_deadline', { dispatchDeadline: { seconds: 14 } }],
    ['a deadline over 30 min', 'task.dispatch_deadline', { dispatchDeadline: { seconds: 1_801 } }],
    ['no message', 'task.message_type', { httpRequest: null }],
    ['a URL that is none', 'task.http_request.url', { httpRequest: { url: 'ftp://host/path' } }],
    [
      'a URL of 2,100 characters',
      'task.http_request.url',
      { httpRequest: { url: `http://host/${'p'.repeat(2_100)}` } },
    ],
    [
      'a body with GET',
      'task.http_request.body',
      { httpRequest: { url: 'http://host/', httpMethod: 'GET', body: Buffer.from('x') } },
    ],
    [
      '80 KB of headers',
      'task.http_request.headers',
      { httpRequest: { url: 'http://host/', headers: { 'x-long': 'h'.repeat(81_920) } } },
    ],
    ['a body of 110 KB', 'task', { httpRequest: { url: 'http://host/', body: Buffer.alloc(110 * 1_024) } }],
    [
      'an oidc_token of nobody',
      'task.http_request.oidc_token.service_account_email',
      { httpRequest: { url: 'http://host/', oidcToken: { audience: 'a' } } },
    ],
  ])('%s, naming %s', async (_what, field, task) => {
    const { emulator, add } = await openEmulator();
    await expect(add(undefined, task)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(new RegExp(`^${field.replaceAll('.', '\\.')}: `)),
    });
    expect(emulator.queue(QUEUE).size).toBe(0);
  });

  test('a queue or a task that does not exist', async () => {
    const { client } = await openEmulator();
    const task = { httpRequest: { url: 'http://127.0.0.1:1/' } };
    await expect(client.createTask({ parent: `${LOCATION}/queues/unknown`, task })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
    await expect(client.createTask({ parent: 'queues/unknown', task })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
    await expect(client.getTask({ name: `${QUEUE}/tasks/unknown` })).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(client.getQueue({ name: `${LOCATION}/queues/unknown` })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
    await expect(client.listQueues({ parent: LOCATION })).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
  });

  test('nothing of a 90 KB body, which arrives whole', async () => {
    const { add, handler } = await openEmulator();
    const body = `${'x'.repeat(90_000)}ü`;
    await add('big', { httpRequest: { url: `${handler.url}/work`, body: Buffer.from(body) } });
    await eventually(() => handler.calls.length === 1);
    expect(handler.calls[0]?.body).toBe(body);
  });
});

describe('queues', () => {
  test('a paused queue takes tasks and dispatches them when it is resumed', async () => {
    const { client, add, handler } = await openEmulator();
    const [paused] = await client.pauseQueue({ name: QUEUE });
    expect(paused.state).toBe('PAUSED');
    await add('one');
    await add('two');
    const [queue] = await client.getQueue({ name: QUEUE });
    expect(queue.state).toBe('PAUSED');
    expect(handler.calls).toEqual([]);
    const [resumed] = await client.resumeQueue({ name: QUEUE });
    expect(resumed.state).toBe('RUNNING');
    await eventually(() => expect(handler.calls.map(({ task }) => task).sort()).toEqual(['one', 'two']));
  });

  test('a purge deletes every task', async () => {
    const { emulator, client, add, handler } = await openEmulator();
    await client.pauseQueue({ name: QUEUE });
    for (const id of ['a', 'b', 'c']) await add(id);
    await client.purgeQueue({ name: QUEUE });
    expect(emulator.queue(QUEUE).size).toBe(0);
    await client.resumeQueue({ name: QUEUE });
    await add('later');
    await eventually(() => emulator.queue(QUEUE).size === 0);
    expect(handler.calls.map(({ task }) => task)).toEqual(['later']);
  });

  test('a queue can be created, and says what it was created with', async () => {
    const { client } = await openEmulator();
    const name = `${LOCATION}/queues/second`;
    const rateLimits = { maxDispatchesPerSecond: 5, maxConcurrentDispatches: 1 };
    const retryConfig = { maxAttempts: -1, minBackoff: { seconds: 1 }, maxBackoff: { seconds: 600 }, maxDoublings: 4 };
    await client.createQueue({ parent: LOCATION, queue: { name, rateLimits, retryConfig } });
    const [queue] = await client.getQueue({ name });
    expect(queue).toMatchObject({
      name,
      state: 'RUNNING',
      rateLimits: { ...rateLimits, maxBurstSize: 1 },
      retryConfig: { maxAttempts: -1, maxDoublings: 4 },
    });
    expect(Number(queue.retryConfig?.maxBackoff?.seconds)).toBe(600);
    await expect(client.createQueue({ parent: LOCATION, queue: { name } })).rejects.toMatchObject({
      code: status.ALREADY_EXISTS,
    });
    const tooFast = { name: `${LOCATION}/queues/third`, rateLimits: { maxDispatchesPerSecond: 501 } };
    await expect(client.createQueue({ parent: LOCATION, queue: tooFast })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
    const [defaults] = await client.createQueue({ parent: LOCATION, queue: { name: `${LOCATION}/queues/fourth` } });
    expect(defaults).toMatchObject({
      rateLimits: { maxDispatchesPerSecond: 500, maxBurstSize: 100, maxConcurrentDispatches: 1_000 },
      retryConfig: { maxAttempts: 100 },
    });
  });
});
