import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import type { InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { LinkExpired } from '@paid-community/shared/model/links/link-expired.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { MAX_GENERATIONS } from '@paid-community/shared/model/links/replace-link.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { StoredRequests } from '../testing/stored-requests.ts';
import { replaceLinkOnLinkExpired } from './replace-link-on-link-expired.ts';

const AT = '2026-01-01T00:00:00.000Z';
const done: InviteRequestDocument = {
  requestId: 'r1',
  userId: 'u',
  transactionId: '',
  communityId: 'default',
  status: 'DONE',
  attempts: 3,
  createdAt: AT,
  updatedAt: AT,
  traceparent: '',
  inviteLink: 'https://t.me/+old',
  linkCreatedAt: AT,
  linkExpiresAt: AT,
};

describe('a link that expired before it was told', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let taskQueue: RecordingTaskQueue;
  let requests: StoredRequests;
  const clock = new ManualClock();

  beforeEach(() => {
    ({ backend, close } = openTemporaryBackend(clock));
    taskQueue = new RecordingTaskQueue();
    requests = new StoredRequests(backend.store);
  });

  afterEach(() => close());

  function hear(generation?: number, queue: Pick<RecordingTaskQueue, 'enqueue'> = taskQueue): Promise<void> {
    const data = { requestId: 'r1', linkExpiresAt: AT, ...(generation === undefined ? {} : { generation }) };
    const event = LinkExpired.create({ generation, time: AT, traceparent: '', data });
    return replaceLinkOnLinkExpired(event, {
      store: backend.store,
      taskQueue: queue,
      clock,
      log: silentLog,
    });
  }

  const request = async (): Promise<InviteRequestDocument | undefined> => (await requests.get('r1'))?.data;

  test('is replaced by the next generation, once, however often that is heard', async () => {
    await requests.create(done);
    await hear();
    await hear();
    expect(await request()).toMatchObject({
      status: 'PROCESSING',
      attempts: 0,
      retries: 1,
      generation: 2,
      replaces: { inviteLink: 'https://t.me/+old', createdAt: AT, because: 'expired' },
    });
    expect(await request()).not.toHaveProperty('linkExpiresAt');
    expect(taskQueue.tasks.map(({ name }) => name)).toEqual(['r1-r1-1-0']);
  });

  test('gets its task by the redelivery when the process died between record and task', async () => {
    await requests.create(done);
    await expect(
      hear(undefined, { enqueue: () => Promise.reject(new RetryableError('down', 'the queue is down')) }),
    ).rejects.toThrow('down');
    expect(await request()).toMatchObject({ generation: 2 });
    await hear();
    expect(taskQueue.tasks).toHaveLength(1);
  });

  test.each<[string, Partial<InviteRequestDocument>]>([
    ['whose next one is made already', { generation: 2 }],
    ['of somebody whose data was erased', { status: 'ERASED' }],
    ['that is being made', { status: 'PROCESSING', inviteLink: undefined }],
  ])('%s is left alone', async (_name, part) => {
    await requests.create({ ...done, ...part });
    const before = await requests.get('r1');
    await hear();
    expect(await requests.get('r1')).toEqual(before);
    expect(taskQueue.tasks).toEqual([]);
  });

  test('but that somebody has joined through is not replaced: another one would let one more in', async () => {
    await requests.create(done);
    await backend.store.commit([
      createDocument(joins, 'r1', { requestId: 'r1', telegramUserId: '7', joinedAt: AT, inviteLinkHash: 'h' }),
    ]);
    await hear();
    expect(await request()).toMatchObject({ status: 'DONE' });
  });

  test('of a purchase that nobody knows is no work', async () => {
    await hear();
    expect(taskQueue.tasks).toEqual([]);
  });

  test('as the last of too many is for the dead letters', async () => {
    await requests.create({ ...done, generation: MAX_GENERATIONS });
    await expect(hear(MAX_GENERATIONS)).rejects.toMatchObject({ name: 'PermanentError', code: 'too_many_links' });
  });
});
