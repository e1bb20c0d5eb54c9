import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { startWebEngageSimulator } from './start-webengage-simulator.ts';
import type { WebEngageSimulator } from './webengage-simulator.ts';

const HOUR_MS = 60 * 60_000;
const EVENT = {
  userId: '12345',
  eventName: 'pass_paid_community_telegram_joined',
  eventTime: '2026-11-20T20:15:00+0000',
  eventData: { transactionId: 'txn_abc', inviteLink: 'https://t.me/+abc', telegramUserId: '42' },
};

let webengage: WebEngageSimulator;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  webengage = await startWebEngageSimulator({ licenseCode: 'in~123', apiKey: 'key', eventsPerMinute: 50, clock });
});
afterEach(() => webengage.close());

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function post(
  event: unknown,
  headers: Record<string, string> = {},
  licence = 'in~123',
  resource = 'events',
): Promise<Reply> {
  const response = await fetch(`${webengage.url}/v1/accounts/${licence}/${resource}`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', 'content-type': 'application/json', ...headers },
    body: typeof event === 'string' ? event : JSON.stringify(event),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const problem = (message: RegExp): unknown => ({
  response: { status: 'error', message: expect.stringMatching(message) },
});

describe('accepting', () => {
  test('an event is queued and recorded as it was sent', async () => {
    const reply = await post(EVENT, { 'x-request-id': 'abc123' });
    expect([reply.status, reply.body]).toEqual([201, { response: { status: 'queued' } }]);
    expect(webengage.events).toEqual([{ ...EVENT, requestIdHeader: 'abc123', receivedAt: clock.now() }]);
    expect(webengage.countsByName()).toEqual({ [EVENT.eventName]: 1 });
  });

  test('an event needs neither time nor data', async () => {
    expect((await post({ userId: '1', eventName: 'visited' })).status).toBe(201);
  });

  test('a reserved name is answered with success and left out', async () => {
    expect((await post({ ...EVENT, eventName: 'we_joined' })).status).toBe(201);
    expect(webengage).toMatchObject({ eventCount: 0, reservedNamesIgnored: 1 });
  });

  test('an attribute keeps the type of its first value', async () => {
    await post({ ...EVENT, eventData: { amount: 5 } });
    await post({ ...EVENT, eventData: { amount: '5', currency: 'INR' } });
    expect(webengage.events.map(({ eventData }) => eventData)).toEqual([{ amount: 5 }, { currency: 'INR' }]);
    expect(webengage.attributesIgnored).toBe(1);
  });

  test('the events can be left out, and the counts stay', async () => {
    const counting = await startWebEngageSimulator({ licenseCode: 'l', apiKey: 'key', recordEvents: false });
    try {
      const init = { method: 'POST', headers: { authorization: 'Bearer key' }, body: JSON.stringify(EVENT) };
      expect((await fetch(`${counting.url}/v1/accounts/l/events`, init)).status).toBe(201);
      expect(counting.events).toEqual([]);
      expect(counting.countOf(EVENT.eventName)).toBe(1);
    } finally {
      await counting.close();
    }
  });
});

describe('refusing', () => {
  test('a wrong key is unauthorized', async () => {
    const reply = await post(EVENT, { authorization: 'Bearer other' });
    expect([reply.status, reply.body]).toEqual([401, problem(/key/)]);
  });

  test('a wrong licence is not found', async () => {
    const reply = await post(EVENT, {}, 'other');
    expect([reply.status, reply.body]).toEqual([404, problem(/account/)]);
  });

  test.each([
    ['no JSON', '{', /JSON object/],
    ['no user', { ...EVENT, userId: undefined }, /userId/],
    ['a number for a user', { ...EVENT, userId: 12345 }, /userId/],
    ['a user of 101 characters', { ...EVENT, userId: 'u'.repeat(101) }, /userId/],
    ['no name', { ...EVENT, eventName: '' }, /eventName/],
    ['a name of 50 characters', { ...EVENT, eventName: 'e'.repeat(50) }, /eventName/],
    ['a time with Z', { ...EVENT, eventTime: '2026-11-20T20:15:00Z' }, /eventTime/],
    ['a time with milliseconds', { ...EVENT, eventTime: '2026-11-20T20:15:00.000+0000' }, /eventTime/],
    ['a time with a colon in its offset', { ...EVENT, eventTime: '2026-11-20T20:15:00+00:00' }, /eventTime/],
    ['a time as a number', { ...EVENT, eventTime: 1_800_000_000 }, /eventTime/],
    ['data that is no object', { ...EVENT, eventData: [] }, /eventData/],
    ['an attribute name of 50 characters', { ...EVENT, eventData: { ['a'.repeat(50)]: 1 } }, /attribute name/],
    ['a text of 1000 characters', { ...EVENT, eventData: { text: 't'.repeat(1000) } }, /text/],
    [
      '26 texts',
      { ...EVENT, eventData: Object.fromEntries(Array.from({ length: 26 }, (_, at) => [`a${at}`, 'x'])) },
      /25/,
    ],
  ])('%s is a bad request', async (_what, event, message) => {
    const reply = await post(event);
    expect([reply.status, reply.body]).toEqual([400, problem(message)]);
    expect(webengage.eventCount).toBe(0);
  });

  test('the longest allowed values pass', async () => {
    const texts = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`${at}`.padEnd(49, 'a'), 't'.repeat(999)]));
    const reply = await post({ userId: 'u'.repeat(100), eventName: 'e'.repeat(49), eventData: { ...texts, count: 1 } });
    expect(reply.status).toBe(201);
  });
});

describe('users', () => {
  const setUser = (body: unknown): Promise<Reply> => post(body, {}, 'in~123', 'users');

  test('attributes of a user are kept, and those that are not named stay', async () => {
    const reply = await setUser({ userId: '1', attributes: { membershipStatus: 'pending', membershipPlan: 'Gold' } });
    expect([reply.status, reply.body]).toEqual([201, { response: { status: 'queued' } }]);
    await setUser({ userId: '1', attributes: { membershipStatus: 'active' } });
    expect(webengage.users.get('1')).toEqual({ membershipStatus: 'active', membershipPlan: 'Gold' });
    expect(webengage.eventCount).toBe(0);
  });

  test('an attribute keeps the type of its first value, whoever has it', async () => {
    await setUser({ userId: '1', attributes: { points: 5 } });
    await setUser({ userId: '2', attributes: { points: '5' } });
    expect([webengage.users.get('2'), webengage.attributesIgnored]).toEqual([{}, 1]);
  });

  test.each([
    ['no user', { attributes: {} }, /userId/],
    ['a user of 101 characters', { userId: 'u'.repeat(101) }, /userId/],
    ['a list of attributes', { userId: '1', attributes: [] }, /attributes/],
    ['a text of 1000 characters', { userId: '1', attributes: { text: 't'.repeat(1000) } }, /text/],
    ['an attribute beside the attributes', { userId: '1', membershipStatus: 'active' }, /membershipStatus/],
  ])('%s is a bad request', async (_what, user, message) => {
    const reply = await setUser(user);
    expect([reply.status, reply.body, webengage.users.size]).toEqual([400, problem(message), 0]);
  });
});

describe('repeats', () => {
  test('a repeated x-request-id is answered with success and not recorded again, for four hours', async () => {
    const headers = { 'x-request-id': 'abc123' };
    await post(EVENT, headers);
    clock.advance(4 * HOUR_MS - 1);
    expect((await post(EVENT, headers)).status).toBe(201);
    expect(webengage).toMatchObject({ eventCount: 1, repeatsIgnored: 1 });
    clock.advance(1);
    await post(EVENT, headers);
    expect(webengage).toMatchObject({ eventCount: 2, repeatsIgnored: 1 });
  });

  test('a call that was refused does not count as the first', async () => {
    const headers = { 'x-request-id': 'abc123' };
    await post({ ...EVENT, eventTime: 'now' }, headers);
    webengage.faults.next('events', { kind: 'answer', status: 500, body: {} });
    await post(EVENT, headers);
    await post(EVENT, headers);
    expect(webengage).toMatchObject({ eventCount: 1, repeatsIgnored: 0 });
  });

  test('an id that is not hexadecimal protects from nothing, and neither does none', async () => {
    for (const id of ['order-1', 'order-1']) await post(EVENT, { 'x-request-id': id });
    for (let call = 0; call < 2; call += 1) await post(EVENT);
    expect(webengage).toMatchObject({ eventCount: 4, repeatsIgnored: 0 });
  });
});

describe('limit and faults', () => {
  test('over the limit of the minute it answers 429 with the limit, until the next minute', async () => {
    for (let call = 0; call < 50; call += 1) await post(EVENT);
    const refused = await post(EVENT);
    expect([
      refused.status,
      refused.headers.get('x-ratelimit-limit'),
      refused.headers.get('x-ratelimit-remaining'),
    ]).toEqual([429, '50', '0']);
    expect(refused.body).toEqual(problem(/Rate limit/));
    clock.advance(60_000);
    expect((await post(EVENT)).status).toBe(201);
    expect(webengage).toMatchObject({ eventCount: 51, tooManyRequests: 1, calls: 52 });
  });

  test('a scripted 429 and a scripted 500 record nothing', async () => {
    webengage.faults.next(
      'events',
      { kind: 'too-many-requests' },
      { kind: 'answer', status: 500, body: { response: { status: 'error' } } },
    );
    expect([(await post(EVENT)).status, (await post(EVENT)).status]).toEqual([429, 500]);
    expect(webengage.eventCount).toBe(0);
  });

  test('a connection lost after the work: the repeat with the same id is recognised', async () => {
    webengage.faults.next('events', { kind: 'disconnect', afterWork: true });
    await expect(post(EVENT, { 'x-request-id': 'abc123' })).rejects.toThrow('fetch failed');
    expect((await post(EVENT, { 'x-request-id': 'abc123' })).status).toBe(201);
    expect(webengage).toMatchObject({ eventCount: 1, repeatsIgnored: 1 });
  });

  test('a behaviour sees the event and its id', async () => {
    webengage.faults.behaviour = ({ body, requestIdHeader, callNumber }) => {
      expect({ body, requestIdHeader, callNumber }).toEqual({ body: EVENT, requestIdHeader: 'abc123', callNumber: 1 });
      return { kind: 'answer', status: 503, body: {} };
    };
    expect((await post(EVENT, { 'x-request-id': 'abc123' })).status).toBe(503);
  });
});
