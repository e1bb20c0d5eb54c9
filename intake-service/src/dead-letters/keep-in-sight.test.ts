import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { toDeadLetter } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import { inviteRequests, type InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { CreateInviteLink } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { createdLinksForEventEmitter, purchasesForLinkWorker } from '@paid-community/shared/topology.ts';
import { recordDeadLetter } from './record-dead-letter.ts';

const AT = '2026-01-01T10:00:00.000Z';
const GIVEN_UP_AT = '2026-01-01T12:00:00.000Z';
const queued: InviteRequestDocument = {
  requestId: 'r1',
  userId: 'u',
  transactionId: 't',
  communityId: 'default',
  status: 'QUEUED',
  attempts: 0,
  createdAt: AT,
  updatedAt: AT,
  traceparent: '',
};

describe('a purchase that was given up', () => {
  let backend: Backend;
  let close: () => Promise<void>;

  beforeEach(() => {
    ({ backend, close } = openTemporaryBackend(new ManualClock()));
  });

  afterEach(() => close());

  async function giveUp(source: string, data: string, reason = 'It kills the process'): Promise<void> {
    const letter = toDeadLetter(
      { data, attributes: { id: 'whatever' } },
      { source, attempts: 5, code: 'delivery_kills', reason },
    );
    const message = { ...letter, messageId: 'm1', publishTime: new Date(GIVEN_UP_AT), deliveryAttempt: 1 };
    await recordDeadLetter(message, backend.store, 400);
    await recordDeadLetter(message, backend.store, 400);
  }

  const taskOf = (retry?: number): string =>
    CreateInviteLink.toQueueTask({
      requestId: 'r1',
      attemptNumber: 1,
      deferrals: 0,
      traceparent: '',
      ...(retry === undefined ? {} : { retry }),
    }).payload;
  const purchase = (): string =>
    JSON.stringify(
      PurchaseReceived.create({
        time: AT,
        traceparent: 'trace',
        data: { requestId: 'r1', userId: 'u', transactionId: 't', communityId: 'default' },
      }),
    );

  async function known(request: InviteRequestDocument): Promise<void> {
    await backend.store.commit([createDocument(inviteRequests, 'r1', request)]);
  }

  async function stored(): Promise<InviteRequestDocument | undefined> {
    return (await backend.store.get(inviteRequests, 'r1'))?.data;
  }

  async function failed(): Promise<readonly string[]> {
    const { documents } = await backend.store.query({
      collection: inviteRequests,
      where: { status: 'FAILED' },
      orderBy: { field: 'failedAt', direction: 'descending' },
      limit: 10,
    });
    return documents.map(({ id }) => id);
  }

  test.each([
    ['QUEUED', queued],
    ['PROCESSING', { ...queued, status: 'PROCESSING' as const, nextAttemptAt: AT }],
  ])('as the task of a %s request is among the failed, with its reason', async (_name, request) => {
    await known(request);
    await giveUp(inviteQueue.name, taskOf());
    expect(await failed()).toEqual(['r1']);
    expect(await stored()).toMatchObject({
      status: 'FAILED',
      failedAt: GIVEN_UP_AT,
      lastError: { code: 'delivery_kills', message: 'It kills the process' },
    });
    expect(await stored()).not.toHaveProperty('nextAttemptAt');
  });

  test('as a purchase event without a request is among the failed, with all that a retry needs', async () => {
    await giveUp(purchasesForLinkWorker.name, purchase());
    expect(await failed()).toEqual(['r1']);
    expect(await stored()).toMatchObject({
      userId: 'u',
      transactionId: 't',
      attempts: 0,
      createdAt: AT,
      traceparent: 'trace',
      expiresAt: '2027-02-05T10:00:00.000Z',
    });
  });

  test('as a purchase event behind a request that may have its task is overdue, and can still be done', async () => {
    await known(queued);
    await giveUp(purchasesForLinkWorker.name, purchase());
    expect(await stored()).toMatchObject({ status: 'PROCESSING', nextAttemptAt: GIVEN_UP_AT, attempts: 0 });
  });

  test.each<[InviteRequestDocument['status'], Partial<InviteRequestDocument>]>([
    ['DONE', { inviteLink: 'https://t.me/+a', linkCreatedAt: '2026-01-01T11:00:00.000Z' }],
    ['ERASED', {}],
    ['FAILED', {}],
  ])('but is %s is left as it is', async (status, part) => {
    await known({ ...queued, ...part, status });
    await giveUp(inviteQueue.name, taskOf());
    await giveUp(purchasesForLinkWorker.name, purchase());
    expect(await stored()).toEqual({ ...queued, ...part, status });
  });

  test('by a task of before an operator queued it anew goes on', async () => {
    await known({ ...queued, status: 'PROCESSING', retries: 2 });
    await giveUp(inviteQueue.name, taskOf(1));
    expect(await stored()).toMatchObject({ status: 'PROCESSING' });
    await giveUp(inviteQueue.name, taskOf(2));
    expect(await stored()).toMatchObject({ status: 'FAILED' });
  });

  test.each([
    [inviteQueue.name, 'no task'],
    [purchasesForLinkWorker.name, '{"x":1}'],
    [createdLinksForEventEmitter.name, '{"x":1}'],
  ])('from %s with data that nobody can read is a dead letter, and no more', async (source, data) => {
    await giveUp(source, data);
    expect(await stored()).toBeUndefined();
  });
});
