import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PermanentError, RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import type { OutgoingMessage } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { DAY_MS, openTicks, type OpenedTicks } from '../testing/open-ticks.ts';

const MINUTE_MS = 60_000;
const WEEK_MS = 7 * DAY_MS;

let opened: OpenedTicks;

beforeEach(async () => {
  opened = await openTicks({ grace: 'P3D', reminders: ['P7D', 'P1D'] });
});

afterEach(() => opened.close());

describe('a membership by the ticks of its life', () => {
  test('is reminded, has its grace, ends, and is asked out: each once, in this order', async () => {
    await opened.buy({ userId: 'anna', period: 'P30D' });
    const seen: unknown[] = [];
    for (let day = 0; day < 40; day += 1) {
      opened.clock.advance(DAY_MS);
      await opened.tick();
      await opened.tick();
      seen.push((await opened.member('anna'))?.state);
    }
    expect(opened.told('anna')).toEqual([
      'MembershipExpiring',
      'MembershipExpiring',
      'MembershipGraceStarted',
      'MembershipExpired',
    ]);
    expect([seen[28], seen[29], seen[31], seen[32]]).toEqual(['active', 'grace', 'grace', 'expired']);
    expect(opened.askedOut()).toEqual(['tg-anna']);
  });

  test('after a week in which the system was down, hears nothing of what is past', async () => {
    await opened.buy({ userId: 'reminder-past', period: 'P8D' }, { userId: 'end-past', period: 'P2D' });
    opened.clock.advance(WEEK_MS);
    await opened.tick();
    expect(opened.told('reminder-past')).toEqual(['MembershipExpiring']);
    expect(opened.told('end-past')).toEqual(['MembershipExpired']);
    expect(opened.askedOut()).toEqual(['tg-end-past']);
  });

  test('that nobody has come into, or only by another way, is over without a removal', async () => {
    await opened.buy(
      { userId: 'never-came', period: 'P1D', presence: 'unknown' },
      { userId: 'was-inside', period: 'P1D', presence: 'unasked' },
    );
    await opened.live(5 * MINUTE_MS);
    opened.clock.advance(WEEK_MS);
    await opened.tick();
    expect(opened.told('was-inside')).toContain('MembershipExpired');
    expect(opened.told('never-came')).toContain('MembershipExpired');
    expect(opened.askedOut()).toEqual([]);
  });
});

test('removals go in the order of the ends, whatever the order of the ticks', async () => {
  const users = Array.from({ length: 8 }, (_, each) => `user-${each}`);
  await opened.buy(...users.map((userId, each) => ({ userId, period: `P${8 - each}D` })));
  opened.clock.advance(2 * WEEK_MS);
  await opened.tick();
  expect(opened.askedOut()).toEqual(users.map((userId) => `tg-${userId}`).toReversed());
});

describe('nothing is done twice', () => {
  const ended = Array.from({ length: 120 }, (_, each) => ({ userId: `user-${each}`, period: 'P1D' }));
  const stays = Array.from({ length: 3_000 }, (_, each) => ({ userId: `stays-${each}` }));

  test('by two instances that tick at once', async () => {
    await opened.buy(...stays, ...ended);
    opened.clock.advance(WEEK_MS);
    await Promise.all([opened.instance()(), opened.instance()(), opened.tick()]);
    await opened.tick();
    const told = opened.eventBus.published.filter(({ message }) => message.attributes['type'] === 'MembershipExpired');
    expect(told).toHaveLength(120);
    expect(opened.askedOut()).toHaveLength(120);
    expect((await opened.guard())?.letGo.reduce((sum, { count }) => sum + count, 0)).toBe(120);
  });

  test('when the bus does not answer in the middle: the next tick goes on', async () => {
    await opened.buy(...stays, ...ended);
    opened.clock.advance(WEEK_MS);
    opened.eventBus.failNext = new RetryableError('bus_down', 'No answer');
    await expect(opened.tick()).rejects.toThrow('No answer');
    expect(opened.askedOut()).toEqual([]);
    await opened.live(2 * MINUTE_MS);
    const ids = opened.eventBus.published.map(({ message }) => message.attributes['id']);
    expect(new Set(ids).size).toBe(120);
    expect(opened.askedOut()).toHaveLength(120);
  });
});

test('a membership that cannot be told holds up nobody else', async () => {
  await opened.buy({ userId: 'anna', period: 'P1D' }, { userId: 'ben', period: 'P1D' });
  opened.clock.advance(WEEK_MS);
  const eventBus = {
    publish: (topic: Topic, message: OutgoingMessage) =>
      message.data.includes('"anna"')
        ? Promise.reject(new PermanentError('too_large', 'Never'))
        : opened.eventBus.publish(topic, message),
    seek: () => Promise.resolve(),
  };
  await opened.instance({ eventBus })();
  expect([opened.told('anna'), opened.told('ben')]).toEqual([[], ['MembershipExpired']]);
  await opened.live(MINUTE_MS);
  expect(opened.told('anna')).toEqual(['MembershipExpired']);
});

test('a process that dies at any write or call of a tick: the next ticks go on, and each is told and asked out once', async () => {
  const people = Array.from({ length: 6 }, (_, each) => ({ userId: `user-${each}`, period: 'P1D' }));
  for (let dies = 1; ; dies += 1) {
    const one = await openTicks();
    try {
      await one.buy(...people);
      one.clock.advance(WEEK_MS);
      let calls = 0;
      const dying =
        <Arguments extends unknown[], Result>(work: (...given: Arguments) => Promise<Result>) =>
        (...given: Arguments): Promise<Result> => {
          calls += 1;
          return calls >= dies ? Promise.reject(new Error('dead')) : work(...given);
        };
      const isWhole = await one
        .instance({
          store: { ...one.ports(), commit: dying((writes) => one.store.commit(writes)) },
          eventBus: {
            publish: dying((topic: Topic, message: OutgoingMessage) => one.eventBus.publish(topic, message)),
            seek: () => Promise.resolve(),
          },
          taskQueue: { enqueue: dying((queue, task) => one.taskQueue.enqueue(queue, task)) },
        })()
        .then(
          () => true,
          () => false,
        );
      await one.live(2 * MINUTE_MS);
      const ids = one.eventBus.published.map(({ message }) => message.attributes['id']);
      expect([dies, new Set(ids).size, one.askedOut().length]).toEqual([dies, 6, 6]);
      expect(await one.member('user-0')).toMatchObject({ effects: [], removalState: 'asked' });
      if (isWhole) break;
    } finally {
      await one.close();
    }
  }
});
