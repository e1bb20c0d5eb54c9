import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import type { HealthReport, HealthState } from '@paid-community/shared/model/operations/health-report.ts';
import type { InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { StoredRequests } from '../testing/stored-requests.ts';
import { isMended, releaseWaiting } from './release-waiting.ts';

const AT = '2026-01-01T00:00:00.000Z';
const IN_AN_HOUR = '2026-01-01T01:00:00.000Z';
const noChat = { code: 'telegram_400', message: 'Telegram answered 400: Bad Request: chat not found' };
const unreachable = { code: 'telegram_unreachable', message: 'Telegram did not answer createChatInviteLink' };

describe('when bot and chat are well again', () => {
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

  async function waiting(requestId: string, part: Partial<InviteRequestDocument>): Promise<void> {
    const request: InviteRequestDocument = {
      requestId,
      userId: 'u',
      transactionId: '',
      communityId: 'default',
      status: 'PROCESSING',
      attempts: 9,
      createdAt: AT,
      updatedAt: AT,
      traceparent: '',
      nextAttemptAt: IN_AN_HOUR,
    };
    await requests.create({ ...request, ...part });
  }

  const release = (): Promise<void> =>
    releaseWaiting(new Set(['default', 'gold']), { store: backend.store, taskQueue, clock, log: silentLog });

  test('what waited for it is tried now, and nothing else', async () => {
    await waiting('chat', { lastError: noChat });
    await waiting('network', { lastError: unreachable });
    await waiting('none', {});
    await waiting('other', { communityId: 'blue', lastError: noChat });
    await waiting('token', { lastError: { code: 'bot_without_token', message: 'no token' } });
    await waiting('failed', { status: 'FAILED', nextAttemptAt: undefined, lastError: noChat });
    await release();
    expect(taskQueue.tasks.map(({ name, notBefore }) => ({ name, notBefore }))).toEqual([
      { name: 'chat-r1-10-0', notBefore: undefined },
      { name: 'token-r1-10-0', notBefore: undefined },
    ]);
    expect((await requests.get('chat'))?.data).toMatchObject({
      status: 'PROCESSING',
      attempts: 9,
      retries: 1,
      nextAttemptAt: AT,
    });
    await release();
    expect(taskQueue.tasks).toHaveLength(2);
  });

  test('many are released, page by page', async () => {
    await Promise.all(
      Array.from({ length: 250 }, (_, index) =>
        waiting(`r${index}`, { lastError: index % 2 === 0 ? noChat : unreachable }),
      ),
    );
    await release();
    expect(taskQueue.tasks).toHaveLength(125);
  });

  const report = (state: HealthState, lastKnown?: 'ok' | 'failing'): HealthReport => ({
    service: 'link-worker',
    checkedAt: AT,
    checkIds: [],
    facts: {},
    findings: [
      { check: 'bot_rights', state, meaning: '', since: AT, ...(lastKnown === undefined ? {} : { lastKnown }) },
    ],
  });
  const look = (rights: HealthState) => ({
    findings: ['bot_token', 'chat', 'bot_rights'].map((check) => ({
      check,
      state: check === 'bot_rights' ? rights : ('ok' as const),
      meaning: '',
    })),
  });

  test.each<[string, HealthReport | undefined, HealthState, boolean]>([
    ['failing before, well now', report('failing'), 'ok', true],
    ['not seen in between', report('unknown', 'failing'), 'ok', true],
    ['well before', report('ok'), 'ok', false],
    ['never looked at', undefined, 'ok', false],
    ['failing still', report('failing'), 'failing', false],
    ['not seen now', report('failing'), 'unknown', false],
  ])('is told from two looks: %s', (_name, known, now, mended) => {
    expect(isMended(known, look(now))).toBe(mended);
  });
});
