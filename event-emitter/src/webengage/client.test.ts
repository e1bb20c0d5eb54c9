import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startScriptedServer, type ScriptedAnswer, type ScriptedServer } from '@paid-community/shared/testing/scripted-server.ts';
import { createWebEngageClient, type WebEngageClient, type WebEngageEvent } from './client.ts';

const KEY = 'key-that-nobody-may-see';
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
    client = createWebEngageClient({ RETENTION_DAYS: 400, WEBENGAGE_API_ROOT: server.url, WEBENGAGE_LICENSE_CODE: '~abc123', WEBENGAGE_API_KEY: KEY });
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

  test('a broken connection is tried again with the same x-request-id', async () => {
    await (await answering('disconnect', 'disconnect', { status: 200 })).send(event);
    const ids = server?.requests.map((request) => request.headers['x-request-id']);
    expect(new Set(ids).size).toBe(1);
    expect(ids).toHaveLength(3);
  });

  test('another event has another x-request-id', async () => {
    const webEngage = await answering({ status: 200 });
    await webEngage.send(event);
    await webEngage.send({ ...event, eventId: 'r2.link-created' });
    const [first, second] = server?.requests ?? [];
    expect(first?.headers['x-request-id']).not.toBe(second?.headers['x-request-id']);
  });

  test.each([401, 403, 404, 408, 429, 500, 503])('%d may pass, so the event waits', async (status) => {
    const webEngage = await answering({ status, body: { response: { status: 'error', message: 'no' } } });
    await expect(webEngage.send(event)).rejects.toMatchObject({ name: 'RetryableError', code: `webengage_${status}` });
    expect(server?.requests).toHaveLength(1);
  });

  test.each([301, 400, 413, 422])('%d cannot be mended by trying again; the answer is kept', async (status) => {
    const webEngage = await answering({ status, body: { response: { status: 'error', message: 'bad attribute' } } });
    await expect(webEngage.send(event)).rejects.toMatchObject({ name: 'PermanentError', message: expect.stringContaining('bad attribute') });
  });

  test('nobody there means: later', async () => {
    const webEngage = await answering('disconnect');
    await expect(webEngage.send(event)).rejects.toMatchObject({ name: 'WebEngageCallError', code: 'webengage_unreachable' });
  });

  test('no error shows the key', async () => {
    const webEngage = await answering('disconnect');
    const failure: unknown = await webEngage.send(event).catch((error: unknown) => error);
    expect(inspect(failure, { depth: 10 })).not.toContain(KEY);
  });
});
