import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
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
