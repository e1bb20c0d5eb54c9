import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { deadLetterId, deadLetters, type DeadLetter } from '@paid-community/shared/model/operations/dead-letter.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { createDocument, updateDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { CreateInviteLink } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import type { ManyOutcomes } from './http/work-on-many.ts';
import { FAILED_REQUEST, openOperator, purchase, type Operator } from './testing/open-operator.ts';

interface Listed {
  readonly deadLetters: readonly { readonly id: string; readonly reason: string }[];
  readonly total?: number;
  readonly nextCursor?: string;
}

const SOURCE = 'link-worker-purchase-events';
const idOf = (name: string, source = SOURCE): string => deadLetterId(source, `${name}.purchase-received`);

let operator: Operator;
beforeEach(() => {
  operator = openOperator();
});
afterEach(() => operator.close());

async function letter(id: string): Promise<DeadLetter | undefined> {
  return (await operator.backend.store.get(deadLetters, id))?.data;
}

describe('listing dead letters', () => {
  beforeEach(async () => {
    for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      operator.clock.advance(1_000);
      await operator.deadLetter(`m-${name}`, purchase(name), {
        code: index % 2 === 0 ? 'even' : 'odd',
        source: index < 3 ? SOURCE : 'event-emitter-link-created-events',
      });
    }
  });

  async function listed(filter: object): Promise<readonly string[]> {
    const { deadLetters: found } = await operator.call<Listed>('dead-letters.list', filter);
    const names = new Map(
      ['a', 'b', 'c', 'd', 'e'].flatMap((name) => [
        [idOf(name), name],
        [idOf(name, 'event-emitter-link-created-events'), name],
      ]),
    );
    return found.map(({ id }) => names.get(id) ?? '?');
  }

  test('the newest come first; source, code and times narrow it down, alone and together', async () => {
    expect(await listed({})).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(await listed({ source: SOURCE })).toEqual(['c', 'b', 'a']);
    expect(await listed({ code: 'even' })).toEqual(['e', 'c', 'a']);
    expect(await listed({ source: SOURCE, code: 'even' })).toEqual(['c', 'a']);
    expect(await listed({ since: '2026-01-01T00:00:02.000Z', until: '2026-01-01T00:00:05.000Z' })).toEqual([
      'd',
      'c',
      'b',
    ]);
    expect(await listed({ status: 'discarded' })).toEqual([]);
  });

  test('a page at a time, with the number of all', async () => {
    const first = await operator.call<Listed>('dead-letters.list', { limit: '2' });
    expect(first).toMatchObject({ total: 5, nextCursor: expect.any(String) });
    const second = await operator.call<Listed>('dead-letters.list', { limit: '2', cursor: first.nextCursor });
    expect(second.deadLetters.map(({ id }) => id)).toEqual([idOf('c'), idOf('b')]);
    await expect(operator.call('dead-letters.list', { limit: '0' })).rejects.toMatchObject({
      code: 'invalid_request',
      issues: [{ path: '/limit', message: 'must be >= 1' }],
    });
    await expect(operator.call('dead-letters.list', { since: 'yesterday' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  test('one is shown with its message and history; one that is not there is 404', async () => {
    await operator.deadLetter('m-a-again', purchase('a'), {
      code: 'worse',
      reason: 'Still not a purchase',
      attempts: 7,
    });
    const { deadLetter } = await operator.call<{ readonly deadLetter: object }>('dead-letters.show', { id: idOf('a') });
    expect(deadLetter).toMatchObject({
      source: SOURCE,
      status: 'open',
      code: 'worse',
      reason: 'Still not a purchase',
      failures: 2,
      message: { data: '{"name":"a"}', attributes: { id: 'a.purchase-received' } },
      history: [
        { messageId: 'm-a', code: 'even' },
        { messageId: 'm-a-again', code: 'worse', attempts: 7 },
      ],
      actions: [],
    });
    await expect(operator.call('dead-letters.show', { id: 'nothing' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('retrying dead letters', () => {
  const retry = (input: object, by?: string): Promise<ManyOutcomes & { readonly nextCursor?: string }> =>
    operator.call('dead-letters.retry', input, by);

  test('a purchase that was given up before it had a request is queued anew with the request that it got then', async () => {
    const { requestId, userId, transactionId, communityId } = FAILED_REQUEST;
    const event = PurchaseReceived.create({
      time: '2025-12-31T10:00:00.000Z',
      traceparent: '',
      data: { requestId, userId, transactionId, communityId },
    });
    await operator.deadLetter(
      'm1',
      { data: JSON.stringify(event), attributes: { id: event.id, type: event.type } },
      { code: 'delivery_attempts_exhausted' },
    );
    const id = deadLetterId(SOURCE, event.id);
    expect(await retry({ ids: [id] })).toMatchObject({ done: 1 });
    expect((await operator.backend.store.get(inviteRequests, requestId))?.data).toMatchObject({
      status: 'PROCESSING',
      attempts: 0,
      retries: 1,
    });
    expect(operator.taskQueue.tasks).toHaveLength(1);
    expect(operator.eventBus.published).toEqual([]);
    expect(await letter(id)).toMatchObject({ status: 'retried' });
  });

  test('the message is published again as it was, and the letter says who did it', async () => {
    await operator.deadLetter('m1', purchase('a'));
    expect(await retry({ ids: [idOf('a')] })).toEqual({ done: 1, skipped: [], failed: [] });
    expect(operator.eventBus.published).toEqual([{ topic: 'purchase-events', message: purchase('a') }]);
    expect(await letter(idOf('a'))).toMatchObject({
      status: 'retried',
      retries: 1,
      actions: [{ by: 'ada', action: 'retried', at: '2026-01-01T00:00:00.000Z' }],
    });
    expect(await letter(idOf('a'))).not.toHaveProperty('claimedAt');
  });

  test('one that fails again is one dead letter with a history, open again', async () => {
    await operator.deadLetter('m1', purchase('a'));
    await retry({ ids: [idOf('a')] });
    operator.clock.advance(1_000);
    await operator.deadLetter('m2', purchase('a'), { code: 'other' });
    expect((await operator.call<Listed>('dead-letters.list')).deadLetters).toMatchObject([
      { id: idOf('a'), failures: 2, retries: 1, code: 'other' },
    ]);
    await retry({ ids: [idOf('a')] }, 'ben');
    expect(await letter(idOf('a'))).toMatchObject({
      status: 'retried',
      retries: 2,
      actions: [{ by: 'ada' }, { by: 'ben' }],
      history: [{ messageId: 'm1' }, { messageId: 'm2' }],
    });
  });

  test('of two operators at the same moment, one sends it', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `p${n}`);
    for (const name of names) await operator.deadLetter(`m-${name}`, purchase(name));
    const both = await Promise.all([retry({ limit: 50 }, 'ada'), retry({ limit: 50 }, 'ben')]);
    expect(both[0].done + both[1].done).toBe(20);
    expect(both[0].skipped.length + both[1].skipped.length).toBe(20);
    expect(operator.eventBus.published).toHaveLength(20);
    for (const name of names) expect(await letter(idOf(name))).toMatchObject({ status: 'retried', retries: 1 });
  });

  test('run twice, the second run has nothing to do and says so', async () => {
    await operator.deadLetter('m1', purchase('a'));
    await retry({ ids: [idOf('a')] });
    expect(await retry({ ids: [idOf('a'), 'unknown'] })).toMatchObject({
      done: 0,
      skipped: [
        { id: idOf('a'), reason: expect.stringContaining('has not failed since') },
        { id: 'unknown', reason: 'there is no such dead letter' },
      ],
    });
    expect(operator.eventBus.published).toHaveLength(1);
  });

  test('a crash between claim and publish does not lock the letter for ever', async () => {
    await operator.deadLetter('m1', purchase('a'));
    const read = await operator.backend.store.get(deadLetters, idOf('a'));
    if (read === undefined) throw new Error('It was recorded');
    // What a process that died after its claim has left.
    await operator.backend.store.commit([
      updateDocument(deadLetters, read, {
        ...read.data,
        status: 'retrying',
        retries: 1,
        claimedAt: '2026-01-01T00:00:00.000Z',
      }),
    ]);
    operator.clock.advance(60_000);
    expect(await retry({ ids: [idOf('a')] })).toMatchObject({
      done: 0,
      skipped: [{ reason: 'somebody else is sending it again right now' }],
    });
    operator.clock.advance(61_000);
    expect(await retry({ status: 'retrying' })).toMatchObject({ done: 1 });
    expect(operator.eventBus.published).toHaveLength(1);
    expect(await letter(idOf('a'))).toMatchObject({ status: 'retried', retries: 2 });
  });

  test('a claim that a clock has made which was ahead locks no letter', async () => {
    await operator.deadLetter('m1', purchase('a'));
    const read = await operator.backend.store.get(deadLetters, idOf('a'));
    if (read === undefined) throw new Error('It was recorded');
    await operator.backend.store.commit([
      updateDocument(deadLetters, read, {
        ...read.data,
        status: 'retrying',
        retries: 1,
        claimedAt: '2027-01-01T00:00:00.000Z',
      }),
    ]);
    expect(await retry({ status: 'retrying' })).toMatchObject({ done: 1 });
  });

  test('one that could not be published is open again, and the others go on', async () => {
    await operator.deadLetter('m1', purchase('a'));
    await operator.deadLetter('m2', purchase('b'));
    operator.eventBus.failNext = new RetryableError('bus_down', 'The bus did not answer');
    const outcome = await retry({});
    expect(outcome).toMatchObject({ done: 1, failed: [{ reason: 'The bus did not answer' }] });
    expect(await letter(outcome.failed[0]?.id ?? '')).toMatchObject({ status: 'open', retries: 1 });
    expect(await retry({})).toMatchObject({ done: 1, failed: [] });
    expect(operator.eventBus.published).toHaveLength(2);
  });

  test('all of them, a page at a time; what fails again meanwhile is not sent in the same run', async () => {
    const names = Array.from({ length: 7 }, (_, n) => `p${n}`);
    for (const name of names) {
      operator.clock.advance(1_000);
      await operator.deadLetter(`m-${name}`, purchase(name));
    }
    let sent = 0;
    let cursor: string | undefined;
    do {
      const { done, nextCursor } = await retry({ limit: 3, cursor });
      sent += done;
      cursor = nextCursor;
      operator.clock.advance(1_000);
      await operator.deadLetter(`again-${sent}`, purchase('p6'));
    } while (cursor !== undefined);
    expect(sent).toBe(7);
    expect(operator.eventBus.published).toHaveLength(7);
    expect((await operator.call<Listed>('dead-letters.list')).total).toBe(1);
  });

  test('what cannot be sent again is skipped with the reason', async () => {
    await operator.deadLetter('m1', { data: 'x'.repeat(200_000), attributes: { id: 'large' } });
    await operator.deadLetter('m2', purchase('a'), { source: 'gone-subscription' });
    await operator.deadLetter('m3', { data: 'no task', attributes: { id: 'odd' } }, { source: 'tg-invite-queue' });
    const { skipped } = await retry({});
    expect(skipped.map(({ reason }) => reason).toSorted()).toEqual([
      'it is no task of this system, so nobody could do it',
      'nothing is named gone-subscription any more, so there is nowhere to send it',
      'only the beginning of the message was kept, so it cannot be sent again',
    ]);
    await expect(retry({ ids: ['a'], source: SOURCE })).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'Either ids or a filter',
    });
  });

  describe('of the invite queue', () => {
    const { requestId, traceparent } = FAILED_REQUEST;
    const letterId = deadLetterId('tg-invite-queue', requestId);
    const task = (attemptNumber: number, retryNumber?: number): { data: string; attributes: { id: string } } => {
      const { name, payload } = CreateInviteLink.toQueueTask({
        requestId,
        attemptNumber,
        deferrals: 0,
        traceparent,
        ...(retryNumber === undefined ? {} : { retry: retryNumber }),
      });
      return { data: payload, attributes: { id: name } };
    };

    beforeEach(async () => {
      await operator.backend.store.commit([createDocument(inviteRequests, requestId, FAILED_REQUEST)]);
      await operator.deadLetter('m1', task(50), { source: 'tg-invite-queue', code: 'attempts_exhausted' });
    });

    test('the request gets all its attempts again, under a name that is not taken', async () => {
      expect(await retry({ source: 'tg-invite-queue' })).toMatchObject({ done: 1 });
      expect(operator.taskQueue.tasks).toMatchObject([{ name: `${requestId}-r1-1-0` }]);
      const { data } = (await operator.backend.store.get(inviteRequests, requestId)) ?? {};
      expect(data).toMatchObject({
        status: 'PROCESSING',
        attempts: 0,
        retries: 1,
        nextAttemptAt: '2026-01-01T00:00:00.000Z',
        failures: [{ message: 'no answer' }],
      });
      expect(data).not.toHaveProperty('failedAt');
    });

    test('the task that fails again has another name, and is the same dead letter', async () => {
      await retry({ ids: [letterId] });
      await operator.deadLetter('m2', task(50, 1), { source: 'tg-invite-queue', code: 'attempts_exhausted' });
      expect(await letter(letterId)).toMatchObject({
        status: 'open',
        retries: 1,
        history: [{ messageId: 'm1' }, { messageId: 'm2' }],
      });
    });

    test('retrying the request settles the letter, and the other way round', async () => {
      expect(await operator.call('requests.retry', { ids: [requestId] })).toMatchObject({ done: 1 });
      expect(await letter(letterId)).toMatchObject({ status: 'retried', actions: [{ by: 'ada' }] });
      expect(await retry({ ids: [letterId] })).toMatchObject({ done: 0, skipped: [{}] });
      expect(await operator.call('requests.retry', { ids: [requestId] })).toMatchObject({
        done: 0,
        skipped: [{ reason: 'it is PROCESSING, not FAILED' }],
      });
      expect(operator.taskQueue.tasks).toHaveLength(1);
    });

    test('one through the letter and one through the request at the same moment queue one task', async () => {
      const both = await Promise.all([
        retry({ ids: [letterId] }),
        operator.call<ManyOutcomes>('requests.retry', { ids: [requestId] }, 'ben'),
      ]);
      expect(both[0].done + both[1].done).toBe(1);
      expect(operator.taskQueue.tasks).toHaveLength(1);
    });
  });
});

describe('discarding dead letters', () => {
  test('they are kept with who, when and why; one may still be retried by its id', async () => {
    await operator.deadLetter('m1', purchase('a'));
    await operator.deadLetter('m2', purchase('b'));
    await expect(operator.call('dead-letters.discard', { ids: [idOf('a')] })).rejects.toMatchObject({
      code: 'invalid_request',
      issues: [{ path: '/reason', message: 'is required' }],
    });
    expect(await operator.call('dead-letters.discard', { reason: 'a test of ours' })).toMatchObject({
      done: 2,
      skipped: [],
    });
    expect(await letter(idOf('a'))).toMatchObject({
      status: 'discarded',
      actions: [{ by: 'ada', action: 'discarded', reason: 'a test of ours' }],
    });
    expect(await operator.call('dead-letters.discard', { ids: [idOf('a')], reason: 'again' })).toMatchObject({
      done: 0,
      skipped: [{ reason: 'it is discarded, not open' }],
    });
    expect(await operator.call('dead-letters.retry', {})).toMatchObject({ done: 0, skipped: [] });
    expect(await operator.call('dead-letters.retry', { ids: [idOf('a')] })).toMatchObject({ done: 1 });
    expect(operator.eventBus.published).toHaveLength(1);
  });

  test('one that fails again is open again', async () => {
    await operator.deadLetter('m1', purchase('a'));
    await operator.call('dead-letters.discard', { reason: 'a test of ours' });
    await operator.deadLetter('m2', purchase('a'));
    expect(await letter(idOf('a'))).toMatchObject({ status: 'open', actions: [{ action: 'discarded' }] });
  });
});
