import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deadLetterAttributes } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import { PermanentError, RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { POLL, polledUpdates } from '@paid-community/shared/model/operations/polled-update.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { deadLetterTopic, memberJoinedEvents } from '@paid-community/shared/model/topics.ts';
import { joinUpdate, openTracker, type Tracker } from '../../testing/open-tracker.ts';
import { randomUpdates } from '../../testing/random-updates.ts';
import { pollUpdates, type PollDeps } from './poll-updates.ts';
import { MOST_ATTEMPTS, MOST_DEATHS } from './polled-update.ts';

let tracker: Tracker;
beforeEach(async () => {
  tracker = await openTracker();
});
afterEach(() => tracker.close());

/** Telegram with these updates waiting; each call gets those that its offset has not confirmed. */
function waiting(updates: readonly unknown[]): BotApi & { readonly confirmed: () => number } {
  const pending = [...updates];
  const idOf = (update: unknown): number => Number((update as { update_id?: unknown } | null)?.update_id);
  return {
    confirmed: () => updates.length - pending.length,
    close: () => undefined,
    call: async (method, parameters, options) => {
      if (method !== 'getUpdates') return true;
      const { offset = 0 } = parameters as { offset?: number };
      // Telegram drops all up to the newest that is confirmed.
      const last = pending.findLastIndex((update) => idOf(update) < offset);
      pending.splice(0, last + 1);
      if (pending.length === 0)
        await new Promise((resolve) => options?.signal?.addEventListener('abort', resolve, { once: true }));
      return pending.slice(0, 100);
    },
  };
}

/** Polls until nothing waits any more. Pauses are over at once. */
async function pollAll(
  updates: readonly unknown[],
  more: Partial<PollDeps> = {},
  botApi = waiting(updates),
): Promise<void> {
  const stopping = new AbortController();
  const clock = {
    now: () => tracker.clock.now(),
    monotonicMs: () => tracker.clock.monotonicMs(),
    sleep: () => Promise.resolve(),
  };
  const polling = pollUpdates(
    {
      ...tracker.handling(),
      store: tracker.backend.store,
      telemetry: noTelemetry,
      botApi,
      ...more,
      clock,
    },
    stopping.signal,
  );
  try {
    await eventually(() => botApi.confirmed() === updates.length);
  } finally {
    stopping.abort();
    await polling;
  }
}

function parked(): readonly Record<string, unknown>[] {
  return tracker.eventBus.published
    .filter(({ topic }) => topic === deadLetterTopic.name)
    .map(({ message }) => ({
      id: message.attributes['id'],
      code: message.attributes[deadLetterAttributes.code],
      attempts: Number(message.attributes[deadLetterAttributes.attempts]),
    }));
}

const BUYER = 4242;
const behind = joinUpdate({ updateId: 9, userId: BUYER });
const expectBuyerTold = (): void =>
  expect(tracker.eventBus.eventsOn(memberJoinedEvents)).toMatchObject([{ data: { telegramUserId: String(BUYER) } }]);
const bad = joinUpdate({ updateId: 8, userId: 1, link: undefined });

/** A store that fails with this whenever somebody without a link is recorded. */
function failing(failures: readonly Error[]): Partial<PollDeps> {
  const left = [...failures];
  const deps = tracker.handling();
  const unmatched = Object.assign(Object.create(deps.unmatched) as typeof deps.unmatched, {
    record: () => {
      const failure = left.shift();
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    },
  });
  return { unmatched };
}

describe('an update that nobody can handle', () => {
  test.each([
    ['of an unknown shape', { update_id: 8, chat_member: { nonsense: true } }, 'invalid_update'],
    ['with a time beyond all of Telegram', joinUpdate({ updateId: 8, date: 253_402_300_799 }), 'invalid_update'],
    ['of several megabytes', { update_id: 8, chat_member: { nonsense: '€'.repeat(10_000_000) } }, 'invalid_update'],
  ])('%s is parked, and the join behind it is told', async (_name, update, code) => {
    await pollAll([update, behind]);
    expect(parked()).toEqual([{ id: 'telegram-update-8', code, attempts: 1 }]);
    expectBuyerTold();
  });

  test('for good, by its error, is parked at once', async () => {
    await pollAll([bad, behind], failing([new PermanentError('never', 'it can never be')]));
    expect(parked()).toEqual([{ id: 'telegram-update-8', code: 'never', attempts: 1 }]);
    expectBuyerTold();
  });

  test.each([
    ['that might pass', () => new RetryableError('busy', 'the store is busy'), 'busy'],
    ['that nobody foresaw', () => new TypeError('undefined is not a function'), 'unexpected_error'],
  ])('because of an error %s is parked after its attempts', async (_name, error, code) => {
    await pollAll([bad, behind], failing(Array.from({ length: 1_000 }, error)));
    expect(parked()).toEqual([{ id: 'telegram-update-8', code, attempts: MOST_ATTEMPTS }]);
    expectBuyerTold();
  });

  test.each(['before', 'while'])(
    'because the store is down, from %s it is handled, is not passed over, however long that takes',
    async (since) => {
      const { store } = tracker.backend;
      let refusals = 5 * MOST_ATTEMPTS;
      const down = (): Promise<never> => Promise.reject(new RetryableError('down', 'the store is down'));
      const commit = store.commit.bind(store);
      const publish = tracker.eventBus.publish.bind(tracker.eventBus);
      let isDown = since === 'before';
      store.commit = (writes) => (isDown && refusals-- > 0 ? down() : commit(writes));
      tracker.eventBus.publish = (topic, message) => {
        isDown = true;
        return refusals-- > 0 ? down() : publish(topic, message);
      };
      await pollAll([joinUpdate({ updateId: 8, userId: BUYER })]);
      expect(refusals).toBeLessThan(0);
      expect(parked()).toEqual([]);
      expectBuyerTold();
    },
  );

  test('for a while only is handled in the end, and is not parked', async () => {
    await pollAll(
      [bad, behind],
      failing(Array.from({ length: MOST_ATTEMPTS - 1 }, () => new RetryableError('busy', 'the store is busy'))),
    );
    expect(parked()).toEqual([]);
    expectBuyerTold();
  });

  test('because it has no number goes with the next that has one', async () => {
    await pollAll([null, { chat_member: {} }, { update_id: 1e300 }, { update_id: '7' }, behind]);
    expectBuyerTold();
  });
});

describe('an update that ends the process', () => {
  class ProcessDied extends Error {}

  /** Polls in a process that dies when it comes to the bad one. Died = the poll never gets any further. */
  async function pollAndDie(updates: readonly unknown[]): Promise<void> {
    const stopping = new AbortController();
    const deps = tracker.handling();
    const died = new Promise<never>((_resolve, reject) => {
      const unmatched = Object.assign(Object.create(deps.unmatched) as typeof deps.unmatched, {
        record: () => new Promise(() => reject(new ProcessDied())),
      });
      const ports = { store: tracker.backend.store, telemetry: noTelemetry, botApi: waiting(updates) };
      void pollUpdates({ ...deps, ...ports, unmatched, clock: tracker.clock }, stopping.signal);
    });
    await expect(died).rejects.toThrow(ProcessDied);
  }

  test('each time is passed over in the end; those before and behind it are told', async () => {
    const before = joinUpdate({ updateId: 7, userId: BUYER });
    for (let death = 1; death <= MOST_DEATHS; death += 1) await pollAndDie([before, bad]);
    await pollAll([before, bad, behind]);
    expect(parked()).toEqual([{ id: 'telegram-update-8', code: 'process_died', attempts: MOST_DEATHS }]);
    expect(tracker.eventBus.eventsOn(memberJoinedEvents).length).toBeGreaterThan(0);
    expect((await tracker.backend.store.get(polledUpdates, POLL))?.data).toEqual({ begun: {} });
  });

  test('once, is handled by the next one', async () => {
    await pollAndDie([bad]);
    await pollAll([bad, behind]);
    expect(parked()).toEqual([]);
    expect(await tracker.unmatchedOf(1)).toHaveLength(1);
    expectBuyerTold();
  });

  test('leaves no count behind, of any backlog at the start', async () => {
    const many = Array.from({ length: 250 }, (_, index) =>
      joinUpdate({ updateId: index + 1, userId: index + 1, link: undefined }),
    );
    await pollAll(many);
    expect((await tracker.backend.store.get(polledUpdates, POLL))?.data).toEqual({ begun: {} });
  });
});

test.each([1, 42, 987_654])(
  'seed %i: of 700 updates of every shape none stops the poll, and one join of the request is told of',
  async (seed) => {
    const updates = randomUpdates(seed, 700).map((update, index) =>
      typeof update === 'object' && update !== null
        ? { ...update, update_id: index + 1 }
        : { update_id: index + 1, odd: update },
    );
    await pollAll([...updates, joinUpdate({ updateId: 1_000, userId: BUYER })]);
    expect(parked().every(({ code, attempts }) => code === 'invalid_update' && attempts === 1)).toBe(true);
    // The last join is told of, or was preceded by another through the same link; either way there is one story.
    expect(
      new Set(tracker.eventBus.eventsOn(memberJoinedEvents).map(({ data, time }) => JSON.stringify([time, data]))).size,
    ).toBe(1);
  },
);

test('so many large updates that no answer holds them are asked for in smaller numbers', async () => {
  const joins = Array.from({ length: 40 }, (_, at) =>
    joinUpdate({ updateId: at + 1, userId: 5_000 + at, link: undefined }),
  );
  const all = waiting(joins);
  const limits: unknown[] = [];
  const call: BotApi['call'] = async (method, parameters, options) => {
    const { limit = 100 } = (parameters ?? {}) as { limit?: number };
    if (method === 'getUpdates') limits.push(limit);
    if (method === 'getUpdates' && limit > 10 && limits.length < 9)
      throw new TelegramCallError('too long', { unreadable: true });
    const answer = await all.call(method, parameters, options);
    return Array.isArray(answer) ? answer.slice(0, limit) : answer;
  };
  await pollAll(joins, {}, { ...all, call });
  expect(limits.slice(0, 7)).toEqual([100, 50, 25, 12, 6, 12, 6]);
});
