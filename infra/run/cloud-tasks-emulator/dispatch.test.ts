import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { QUEUE, closeEmulators, openEmulator } from './testing/open-emulator.ts';

afterEach(closeEmulators);

/** Fast enough to watch, slow enough to see that it waited. */
const BACKOFF = { minBackoffMs: 200, maxBackoffMs: 200 };

describe('a dispatch', () => {
  test('carries method, path, headers and body of the task, and the headers of Cloud Tasks', async () => {
    const { add, handler } = await openEmulator();
    const scheduleTime = { seconds: Math.floor(Date.now() / 1_000) + 1, nanos: 250_000_000 };
    const headers = {
      'Content-Type': 'application/json',
      'X-Own': 'kept',
      Authorization: 'Bearer mine',
      Host: 'other',
      'X-Google-Iap': 'x',
      'X-CloudTasks-TaskName': 'forged',
      'User-Agent': 'me',
    };
    const oidcToken = { serviceAccountEmail: 'tasks@demo.iam.gserviceaccount.com', audience: 'aud' };
    await add('t1', {
      scheduleTime,
      httpRequest: {
        url: `${handler.url}/work?x=1`,
        httpMethod: 'PUT',
        headers,
        body: Buffer.from('{"a":1}'),
        oidcToken,
      },
    });
    await eventually(() => handler.calls.length === 1);
    expect(Date.now()).toBeGreaterThanOrEqual(scheduleTime.seconds * 1_000 + 250);
    const [call] = handler.calls;
    expect(call).toMatchObject({ method: 'PUT', path: '/work?x=1', body: '{"a":1}' });
    expect(call?.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '7',
      'x-own': 'kept',
      host: handler.url.slice('http://'.length),
      'user-agent': 'Google-Cloud-Tasks',
      'x-cloudtasks-queuename': 'invites',
      'x-cloudtasks-taskname': 't1',
      'x-cloudtasks-taskretrycount': '0',
      'x-cloudtasks-taskexecutioncount': '0',
      'x-cloudtasks-tasketa': `${scheduleTime.seconds}.250000`,
    });
    for (const name of [
      'authorization',
      'x-google-iap',
      'x-cloudtasks-taskpreviousresponse',
      'x-cloudtasks-taskretryreason',
    ]) {
      expect(call?.headers).not.toHaveProperty(name);
    }
  });

  test('without an oidc_token keeps the Authorization header of the task', async () => {
    const { add, handler } = await openEmulator();
    await add('t1', { httpRequest: { url: handler.url, headers: { authorization: 'Bearer mine' } } });
    await eventually(() =>
      expect(handler.calls[0]).toMatchObject({ method: 'POST', path: '/', headers: { authorization: 'Bearer mine' } }),
    );
  });

  test('that fails is repeated after the backoff, and counted: answers of 5xx are no executions', async () => {
    const { add, handler } = await openEmulator(BACKOFF);
    const answers = [{ status: 500 }, { status: 404 }, 'disconnect', { status: 204 }] as const;
    handler.answer = () => answers[handler.calls.length - 1] ?? { status: 599 };
    await add('t1');
    await eventually(() => handler.calls.length === 4);
    const counted = handler.calls.map(({ headers }) => [
      headers['x-cloudtasks-taskretrycount'],
      headers['x-cloudtasks-taskexecutioncount'],
      headers['x-cloudtasks-taskpreviousresponse'],
    ]);
    expect(counted).toEqual([
      ['0', '0', undefined],
      ['1', '0', '500'],
      ['2', '1', '404'],
      ['3', '1', undefined],
    ]);
    expect(handler.calls[1]?.headers['x-cloudtasks-taskretryreason']).toMatch(/500/);
    for (const [index, call] of handler.calls.slice(1).entries())
      expect(call.atMs - (handler.calls[index]?.atMs ?? 0)).toBeGreaterThan(190);
  });

  test('to a handler that is not there is tried again, and slows nobody down', async () => {
    const { emulator, client, add, handler } = await openEmulator({ minBackoffMs: 20 });
    await handler.close();
    await add('t1');
    await eventually(async () => {
      const [task] = await client.getTask({ name: `${QUEUE}/tasks/t1` });
      expect(task.dispatchCount).toBeGreaterThan(2);
      expect(task.responseCount).toBe(0);
    });
    expect(emulator.queue(QUEUE)).toMatchObject({ size: 1, speed: 1 });
  });

  test('waits as long as Retry-After asks', async () => {
    const { add, handler } = await openEmulator({ minBackoffMs: 10 });
    handler.answer = () => (handler.calls.length === 1 ? { status: 503, retryAfter: '1' } : { status: 200 });
    await add('t1');
    await eventually(() => handler.calls.length === 2);
    expect((handler.calls[1]?.atMs ?? 0) - (handler.calls[0]?.atMs ?? 0)).toBeGreaterThan(950);
  });

  test('ends with max_attempts, and the task is gone', async () => {
    const { emulator, add, handler } = await openEmulator({ minBackoffMs: 10, maxAttempts: 3 });
    handler.answer = () => ({ status: 500 });
    await add('t1');
    await eventually(() => emulator.queue(QUEUE).size === 0);
    expect(handler.calls).toHaveLength(3);
  });

  test('is cut at its deadline, and repeated', async () => {
    const clock = new ManualClock(Date.now());
    const { add, handler } = await openEmulator({ minBackoffMs: 1_000 }, { clock });
    handler.answer = () => 'later';
    await add('t1', { dispatchDeadline: { seconds: 20 } });
    await eventually(() => handler.calls.length === 1);
    clock.advance(19_000);
    clock.advance(1_000);
    await eventually(() => {
      clock.advance(1_000);
      expect(handler.calls).toHaveLength(2);
    });
    expect(handler.calls[1]?.headers).toMatchObject({
      'x-cloudtasks-taskretrycount': '1',
      'x-cloudtasks-taskexecutioncount': '0',
      'x-cloudtasks-taskretryreason': 'DEADLINE_EXCEEDED',
    });
  });

  test('of a task that is deleted meanwhile is not repeated', async () => {
    const { emulator, client, add, handler } = await openEmulator({ minBackoffMs: 1 });
    handler.answer = () => 'later';
    await add('t1');
    await eventually(() => handler.calls.length === 1);
    await client.deleteTask({ name: `${QUEUE}/tasks/t1` });
    handler.answer = () => ({ status: 200 });
    handler.calls[0]?.respond(500);
    await add('t2');
    await eventually(() => emulator.queue(QUEUE).size === 0);
    expect(handler.calls.map(({ task }) => task)).toEqual(['t1', 't2']);
  });

  test('is repeated after a success when the test asks for it, as "at least once" allows', async () => {
    const { emulator, add, handler } = await openEmulator(
      { minBackoffMs: 10 },
      { dispatchAgain: ({ dispatches }) => dispatches < 3 },
    );
    await add('t1');
    await eventually(() => emulator.queue(QUEUE).size === 0);
    expect(handler.calls.map(({ headers }) => headers['x-cloudtasks-taskretrycount'])).toEqual(['0', '1', '2']);
  });
});

describe('the limits of a queue', () => {
  test('dispatches come at the rate, after one burst', async () => {
    const { add, handler } = await openEmulator({ maxDispatchesPerSecond: 50, maxBurstSize: 5 });
    for (let n = 0; n < 30; n += 1) await add(`t${n}`);
    await eventually(() => handler.calls.length === 30);
    const seconds = ((handler.calls[29]?.atMs ?? 0) - (handler.calls[0]?.atMs ?? 0)) / 1_000;
    // 25 after the burst, at 50 a second.
    expect(seconds).toBeGreaterThan(0.45);
    expect(seconds).toBeLessThan(3);
  });

  test('no more dispatches are under way than allowed', async () => {
    const { emulator, add, handler } = await openEmulator({ maxConcurrentDispatches: 2 });
    handler.answer = () => 'later';
    for (let n = 0; n < 5; n += 1) await add(`t${n}`);
    for (let answered = 0; answered < 5; answered += 1) {
      await eventually(() => handler.calls.length === Math.min(5, answered + 2));
      handler.calls[answered]?.respond(200);
    }
    await eventually(() => emulator.queue(QUEUE).size === 0);
  });

  test('a 429 or 503 slows the whole queue, and it recovers', async () => {
    const clock = new ManualClock(Date.now());
    const { emulator, add, handler } = await openEmulator({ minBackoffMs: 60_000 }, { clock });
    handler.answer = ({ task }) => ({ status: Number(task.slice(1)) });
    await add('t500');
    await eventually(() => handler.calls.length === 1);
    expect(emulator.queue(QUEUE).speed).toBe(1);
    await add('t429');
    await eventually(() => emulator.queue(QUEUE).speed === 0.5);
    clock.advance(1_000);
    await add('t503');
    await eventually(() => expect(emulator.queue(QUEUE).speed).toBeCloseTo(0.275));
    clock.advance(10_000);
    expect(emulator.queue(QUEUE).speed).toBeCloseTo(0.775);
    clock.advance(10_000);
    expect(emulator.queue(QUEUE).speed).toBe(1);
  });
});
