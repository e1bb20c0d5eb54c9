import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inviteRequests, type InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { ManyOutcomes } from './http/work-on-many.ts';
import { FAILED_REQUEST, openOperator, REQUEST, type Operator } from './testing/open-operator.ts';

interface Listed {
  readonly requests: readonly { readonly requestId: string }[];
  readonly nextCursor?: string;
}

let operator: Operator;
beforeEach(() => {
  operator = openOperator();
});
afterEach(() => operator.close());

async function store(...requests: readonly InviteRequestDocument[]): Promise<void> {
  await operator.backend.store.commit(
    requests.map((request) => createDocument(inviteRequests, request.requestId, request)),
  );
}

async function stored(requestId: string): Promise<InviteRequestDocument | undefined> {
  return (await operator.backend.store.get(inviteRequests, requestId))?.data;
}

/** Its attempt was due so many minutes ago. */
function waiting(requestId: string, minutesAgo: number): InviteRequestDocument {
  const { failures, lastError } = FAILED_REQUEST;
  return {
    ...REQUEST,
    requestId,
    status: 'PROCESSING',
    attempts: 3,
    inviteLink: undefined,
    linkCreatedAt: undefined,
    failures,
    lastError,
    nextAttemptAt: new Date(operator.clock.now() - minutesAgo * 60_000).toISOString(),
  };
}

describe('listing requests', () => {
  async function listed(query: object): Promise<readonly string[]> {
    return (await operator.call<Listed>('requests.list', query)).requests.map(({ requestId }) => requestId);
  }

  test('failed ones newest first, stuck ones longest first, waiting ones soonest first; done ones are in none of them', async () => {
    const failedAt = (hour: number): string => `2025-12-31T${hour}:00:00.000Z`;
    await store(
      { ...REQUEST, requestId: 'done' },
      { ...FAILED_REQUEST, requestId: 'f1', failedAt: failedAt(11) },
      { ...FAILED_REQUEST, requestId: 'f2', failedAt: failedAt(12) },
      waiting('w-soon', -5),
      waiting('w-30', 30),
      waiting('w-90', 90),
      waiting('w-600', 600),
    );
    expect(await listed({ state: 'failed' })).toEqual(['f2', 'f1']);
    expect(await listed({ state: 'failed', since: failedAt(12) })).toEqual(['f2']);
    expect(await listed({ state: 'stuck' })).toEqual(['w-600', 'w-90']);
    expect(await listed({ state: 'stuck', stuckForSeconds: '900' })).toEqual(['w-600', 'w-90', 'w-30']);
    expect(await listed({ state: 'waiting' })).toEqual(['w-600', 'w-90', 'w-30', 'w-soon']);
    await expect(listed({})).rejects.toMatchObject({
      code: 'invalid_request',
      issues: [{ path: '/state', message: 'is required' }],
    });
  });
});

describe('requeueing requests', () => {
  test('all that are stuck get another task at once, a page at a time, while time goes on; others are left alone', async () => {
    await store(...Array.from({ length: 7 }, (_, n) => waiting(`stuck-${n}`, 61 + n)), waiting('in-time', 10));
    let done = 0;
    let cursor: string | undefined;
    do {
      const answer = await operator.call<ManyOutcomes & { readonly nextCursor?: string }>('requests.requeue', {
        limit: 3,
        cursor,
      });
      done += answer.done;
      cursor = answer.nextCursor;
      operator.clock.advance(5_000);
    } while (cursor !== undefined);
    expect(done).toBe(7);
    expect(operator.taskQueue.tasks.map(({ name }) => name).toSorted()).toEqual(
      Array.from({ length: 7 }, (_, n) => `stuck-${n}-r1-4-0`),
    );
    expect(await stored('stuck-0')).toMatchObject({ status: 'PROCESSING', attempts: 3, retries: 1 });
    expect(await stored('in-time')).toEqual(expect.not.objectContaining({ retries: 1 }));
    expect(await operator.call('requests.requeue', {})).toEqual({ done: 0, skipped: [], failed: [] });
  });

  test('one by its id, also one that was never tried; one that is DONE or FAILED is skipped', async () => {
    await store(
      { ...waiting('queued', 0), status: 'QUEUED', attempts: 0, nextAttemptAt: undefined },
      { ...REQUEST, requestId: 'done' },
      { ...FAILED_REQUEST, requestId: 'failed' },
    );
    expect(await operator.call('requests.requeue', { ids: ['queued', 'done', 'failed', 'unknown'] })).toEqual({
      done: 1,
      skipped: [
        { id: 'done', reason: 'it is DONE, and no attempt of it is due' },
        { id: 'failed', reason: 'it is FAILED, and no attempt of it is due' },
        { id: 'unknown', reason: 'there is no such request' },
      ],
      failed: [],
    });
    expect(operator.taskQueue.tasks).toMatchObject([{ name: 'queued-r1-1-0' }]);
  });

  test('of two operators at the same moment, one queues a task', async () => {
    await store(waiting('stuck', 120));
    const both = await Promise.all([
      operator.call<ManyOutcomes>('requests.requeue'),
      operator.call<ManyOutcomes>('requests.requeue', {}, 'ben'),
    ]);
    expect(both[0].done + both[1].done).toBe(1);
    expect(operator.taskQueue.tasks).toHaveLength(1);
  });
});

describe('retrying requests', () => {
  test('FAILED ones without a dead letter too, by id or by time, each once', async () => {
    await store(
      { ...FAILED_REQUEST, requestId: 'old', failedAt: '2025-12-01T00:00:00.000Z' },
      { ...FAILED_REQUEST, requestId: 'new' },
    );
    expect(await operator.call('requests.retry', { since: '2025-12-31T00:00:00.000Z' })).toMatchObject({ done: 1 });
    expect(await operator.call('requests.retry', { ids: ['old', 'new'] })).toMatchObject({
      done: 1,
      skipped: [{ id: 'new' }],
    });
    expect(operator.taskQueue.tasks.map(({ name }) => name)).toEqual(['new-r1-1-0', 'old-r1-1-0']);
  });
});

describe('another link for a request', () => {
  const { requestId } = REQUEST;

  test('the request keeps the old link to be revoked first, and is queued as the next generation', async () => {
    await store(REQUEST);
    expect(await operator.call('requests.reissue', { requestId })).toEqual({ requestId, generation: 2 });
    const request = await stored(requestId);
    expect(request).toMatchObject({
      status: 'PROCESSING',
      attempts: 0,
      generation: 2,
      retries: 1,
      replaces: { inviteLink: 'https://t.me/+first', createdAt: REQUEST.linkCreatedAt },
    });
    expect(request).not.toHaveProperty('inviteLink');
    expect(operator.taskQueue.tasks).toMatchObject([{ name: `${requestId}-r1-1-0` }]);
    await expect(operator.call('requests.reissue', { requestId })).rejects.toMatchObject({
      code: 'conflict',
      message: 'Another link is on its way already',
    });
  });

  test('is refused when there is none, when it failed, and when somebody has joined, unless forced', async () => {
    await store({ ...FAILED_REQUEST, requestId: 'failed' }, REQUEST);
    await operator.backend.store.commit([
      createDocument(joins, requestId, {
        requestId,
        telegramUserId: '7',
        joinedAt: '2025-12-31T12:00:00.000Z',
        inviteLinkHash: 'h',
      }),
    ]);
    await expect(operator.call('requests.reissue', { requestId: 'unknown' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(operator.call('requests.reissue', { requestId: 'failed' })).rejects.toMatchObject({
      code: 'conflict',
      message: 'The request is FAILED: there is no link to replace; retry it',
    });
    await expect(operator.call('requests.reissue', { requestId })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Somebody joined'),
    });
    expect(operator.taskQueue.tasks).toEqual([]);
    expect(await operator.call('requests.reissue', { requestId, force: true })).toMatchObject({ generation: 2 });
  });

  test('of two operators at the same moment, one gets it', async () => {
    await store(REQUEST);
    const both = await Promise.allSettled([
      operator.call('requests.reissue', { requestId }),
      operator.call('requests.reissue', { requestId }, 'ben'),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(operator.taskQueue.tasks).toHaveLength(1);
  });
});
