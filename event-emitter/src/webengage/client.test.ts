import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  startScriptedServer,
  type ScriptedAnswer,
  type ScriptedServer,
} from '@paid-community/shared/platform/testing/scripted-server.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { createWebEngageClient, type WebEngageClient, type WebEngageEvent } from './client.ts';

const KEY = 'key-that-nobody-may-see';
const CONFIG = { WEBENGAGE_EVENTS_PER_MINUTE: 100_000, WEBENGAGE_LICENSE_CODE: '~abc123', WEBENGAGE_API_KEY: KEY };
const QUEUED: ScriptedAnswer = { status: 201, body: { response: { status: 'queued' } } };
const event: WebEngageEvent = {
  eventId: 'r1.link-created',
  userId: 'user-1',
  eventName: 'pass_paid_community_telegram_link_created',
  eventTime: new Date('2026-11-20T20:15:00.987Z'),
  eventData: { transactionId: 'txn-1', inviteLink: 'https://t.me/+x' },
};

describe('sending events to WebEngage', () => {
  let server: ScriptedServer | undefined;
  let client: WebEngageClient | undefined;

  afterEach(async () => {
    client?.close();
    await server?.close();
  });

  async function answering(...script: [ScriptedAnswer, ...ScriptedAnswer[]]): Promise<WebEngageClient> {
    server = await startScriptedServer(...script);
    client = createWebEngageClient({ ...CONFIG, WEBENGAGE_API_ROOT: server.url }, noTelemetry);
    return client;
  }

  test('an event goes out as WebEngage documents it', async () => {
    const answer = await (await answering({ status: 201, body: { response: { status: 'queued' } } })).send(event);
    expect(answer).toEqual({ status: 201, body: '{"response":{"status":"queued"}}' });
    const [request] = server?.requests ?? [];
    expect(request).toMatchObject({ method: 'POST', path: '/v1/accounts/~abc123/events' });
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'content-type': 'application/json' });
    expect(request?.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      userId: 'user-1',
      eventName: 'pass_paid_community_telegram_link_created',
      eventTime: '2026-11-20T20:15:00+0000',
      eventData: { transactionId: 'txn-1', inviteLink: 'https://t.me/+x' },
    });
  });

  test('attributes of a user go out as WebEngage documents them, with dates in the form of its times', async () => {
    const attributes = { plan: 'Gold', days: 3, endsAt: new Date('2026-11-20T20:15:00.987Z'), account: undefined };
    await (await answering(QUEUED)).setAttributes({ userId: 'user-1', attributes });
    const [request] = server?.requests ?? [];
    expect(request).toMatchObject({ method: 'POST', path: '/v1/accounts/~abc123/users' });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      userId: 'user-1',
      attributes: { plan: 'Gold', days: 3, endsAt: '2026-11-20T20:15:00+0000' },
    });
  });

  test('a refusal of attributes says so, without the attributes', async () => {
    const refusal = { status: 400, body: { response: { status: 'error', message: 'user-1: bad type of Gold' } } };
    const refused = (await answering(refusal)).setAttributes({ userId: 'user-1', attributes: { plan: 'Gold' } });
    await expect(refused).rejects.toMatchObject({
      name: 'PermanentError',
      message: expect.stringMatching(/^WebEngage answered 400 to the attributes of a user: (?!.*(user-1|Gold))/),
    });
  });

  test('a broken connection is tried again with the same x-request-id', async () => {
    await (await answering('disconnect', 'disconnect', QUEUED)).send(event);
    const ids = server?.requests.map((request) => request.headers['x-request-id']);
    expect(new Set(ids).size).toBe(1);
    expect(ids).toHaveLength(3);
  });

  test('another event has another x-request-id', async () => {
    const webEngage = await answering(QUEUED);
    await webEngage.send(event);
    await webEngage.send({ ...event, eventId: 'r2.link-created' });
    const [first, second] = server?.requests ?? [];
    expect(first?.headers['x-request-id']).not.toBe(second?.headers['x-request-id']);
  });

  test.each([301, 401, 403, 404, 408, 418, 429, 500, 503])('%d may pass, so the event waits', async (status) => {
    const webEngage = await answering({ status, body: { response: { status: 'error', message: 'no' } } });
    await expect(webEngage.send(event)).rejects.toMatchObject({ name: 'RetryableError', code: `webengage_${status}` });
    expect(server?.requests).toHaveLength(1);
  });

  test.each([400, 413, 422])('%d cannot be mended by trying again; the answer is kept', async (status) => {
    const webEngage = await answering({ status, body: { response: { status: 'error', message: 'bad attribute' } } });
    await expect(webEngage.send(event)).rejects.toMatchObject({
      name: 'PermanentError',
      message: expect.stringContaining('bad attribute'),
    });
  });

  test.each([
    ['an error', 200, { response: { status: 'error', message: 'no' } }],
    ['an error', 201, { response: { status: 'error' } }],
    ['an empty object', 200, {}],
    ['nothing', 200, ''],
    ['nothing', 204, ''],
    ['a list', 200, [{ response: { status: 'queued' } }]],
    ['null', 200, 'null'],
    ['a text', 200, '"queued"'],
    ['another word', 200, { response: { status: 'accepted' } }],
    ['its word in another type', 200, { response: { status: ['queued'] } }],
    ['its word elsewhere', 200, { status: 'queued' }],
    ['a page of a proxy', 200, '<html>Please log in, queued</html>'],
    ['half of its words', 200, '{"response":{"status":"queued"}'],
    ['its words with another status', 202, { response: { status: 'queued' } }],
    ['its words with another status', 206, { response: { status: 'queued' } }],
  ])('%s with %i is no success: it is tried again later, not at once', async (_what, status, body) => {
    const webEngage = await answering({ status, body });
    await expect(webEngage.send(event)).rejects.toMatchObject({
      name: 'WebEngageCallError',
      code: 'webengage_unreadable',
    });
    expect(server?.requests).toHaveLength(1);
  });

  test('more than its documentation shows may be in the answer; what is kept is that it queued the event', async () => {
    const webEngage = await answering({
      status: 200,
      body: { response: { status: 'queued', data: 'https://t.me/+x' }, of: 'user-1' },
    });
    expect(await webEngage.send(event)).toEqual({ status: 200, body: '{"response":{"status":"queued"}}' });
  });

  test('what it quotes is told without the user, the link, the transaction and the key', async () => {
    const message = `no ${event.userId} with https%3A%2F%2Ft.me%2F%2Bx, t.me/+other, ${JSON.stringify(event)}, Bearer ${KEY}: eventData is not valid`;
    const webEngage = await answering(
      { status: 400, body: { response: { status: 'error', message } } },
      { status: 503, body: message },
      { status: 200, body: message },
    );
    for (const code of ['webengage_400', 'webengage_503', 'webengage_unreadable']) {
      const failure: unknown = await webEngage.send(event).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code });
      expect(inspect(failure, { depth: 10 })).not.toMatch(/user-1|\+x|other|txn-1|nobody-may-see/);
    }
    await expect(webEngage.probe(1_000)).rejects.toMatchObject({
      code: 'webengage_unreadable',
      message: expect.not.stringMatching(/other|nobody-may-see/),
    });
  });

  test.each([
    ['429 with seconds', 429, { 'retry-after': '30' }],
    ['503 with seconds', 503, { 'retry-after': '30' }],
    ['429 with a date', 429, { date: 'Sat, 28 Nov 2026 05:00:00 GMT', 'retry-after': 'Sat, 28 Nov 2026 05:00:30 GMT' }],
    ['503 with a date', 503, { date: 'Sat, 28 Nov 2026 05:00:00 GMT', 'retry-after': 'Sat, 28 Nov 2026 05:00:30 GMT' }],
  ])('no call is made until it may be (%s)', async (_name, status, headers) => {
    const clock = new ManualClock();
    const webEngage = await answering({ status, headers, body: 'busy' }, QUEUED);
    client?.close();
    client = createWebEngageClient({ ...CONFIG, WEBENGAGE_API_ROOT: server?.url ?? '' }, noTelemetry, clock);
    await expect(client.send(event)).rejects.toMatchObject({ code: `webengage_${status}` });
    // Longer than a delivery may wait: handed back, and the doctor is told without a call.
    await expect(client.send(event)).rejects.toMatchObject({ name: 'RetryableError', code: `webengage_${status}` });
    expect(await client.probe(1_000)).toMatchObject({ status });
    expect(server?.requests).toHaveLength(1);
    clock.advance(15_000);
    const waiting = client.send(event);
    clock.advance(14_999);
    await new Promise(setImmediate);
    expect(server?.requests).toHaveLength(1);
    clock.advance(1);
    await waiting;
    expect(server?.requests).toHaveLength(2);
    webEngage.close();
  });

  test('close ends the wait for a turn', async () => {
    const webEngage = await answering({ status: 429, headers: { 'retry-after': '10' } });
    await expect(webEngage.send(event)).rejects.toMatchObject({ code: 'webengage_429' });
    const waiting = webEngage.send(event);
    webEngage.close();
    await expect(waiting).rejects.toMatchObject({ name: 'RetryableError' });
    expect(server?.requests).toHaveLength(1);
  });

  test('nobody there means: later', async () => {
    const webEngage = await answering('disconnect');
    await expect(webEngage.send(event)).rejects.toMatchObject({
      name: 'WebEngageCallError',
      code: 'webengage_unreachable',
    });
  });

  test('no error shows the key', async () => {
    const webEngage = await answering('disconnect');
    const failure: unknown = await webEngage.send(event).catch((error: unknown) => error);
    expect(inspect(failure, { depth: 10 })).not.toContain(KEY);
  });
});
