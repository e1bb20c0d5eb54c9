import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { CallPace } from './call-pace.ts';

describe('the pace of the calls of WebEngage', () => {
  test('the first call goes at once, the next ones at even distances', async () => {
    const clock = new ManualClock();
    const pace = new CallPace(60, clock);
    const granted: number[] = [];
    const startedAt = clock.monotonicMs();
    const turns = Promise.all(
      [1, 2, 3].map(async () => {
        await pace.turn(10_000);
        granted.push(clock.monotonicMs() - startedAt);
      }),
    );
    for (let step = 0; step < 30; step += 1) {
      await new Promise(setImmediate);
      clock.advance(100);
    }
    await turns;
    expect(granted).toEqual([0, 1_100, 2_100]);
  });

  test('who would wait longer than there is patience takes no turn from the others', async () => {
    const clock = new ManualClock();
    const pace = new CallPace(60, clock);
    expect(await pace.turn(0)).toBeUndefined();
    for (let call = 0; call < 5; call += 1)
      expect(await pace.turn(500)).toEqual({ waitMs: expect.closeTo(1_020, 0), toldBy: undefined });
    clock.advance(1_021);
    expect(await pace.turn(0)).toBeUndefined();
  });

  test('a call that waits when a pause is ordered waits for its end, or hears that it is too long', async () => {
    const clock = new ManualClock();
    const pace = new CallPace(60, clock);
    await pace.turn(0);
    const patient = pace.turn(20_000);
    const hasty = pace.turn(3_000);
    pace.pauseFor(10_000, 503);
    clock.advance(3_000);
    expect(await hasty).toEqual({ waitMs: expect.any(Number), toldBy: 503 });
    clock.advance(7_500);
    await new Promise(setImmediate);
    clock.advance(7_500);
    expect(await patient).toBeUndefined();
  });

  test('a shorter pause does not end a longer one', async () => {
    const clock = new ManualClock();
    const pace = new CallPace(60, clock);
    pace.pauseFor(10_000, 503);
    pace.pauseFor(1_000, 429);
    pace.pause(429);
    clock.advance(9_000);
    expect(await pace.turn(0)).toEqual({ waitMs: 1_000, toldBy: 503 });
  });

  test('pauses of unknown length grow up to a minute, until an event is taken; calls that are refused together count once', async () => {
    const clock = new ManualClock();
    const pace = new CallPace(6_000, clock);
    const told = async (): Promise<number> => {
      for (let call = 0; call < 5; call += 1) pace.pause(429);
      const { waitMs = 0 } = (await pace.turn(0)) ?? {};
      clock.advance(waitMs);
      return waitMs;
    };
    for (const length of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
      expect(await told()).toBe(length);
    pace.taken();
    expect(await told()).toBe(1_000);
  });

  test('a clock that is set back or ahead changes nothing', async () => {
    const clock = new ManualClock();
    const pace = new CallPace(60, clock);
    await pace.turn(0);
    clock.setBy(-3_600_000);
    expect(await pace.turn(0)).toMatchObject({ waitMs: expect.closeTo(1_020, 0) });
    clock.setBy(7_200_000);
    expect(await pace.turn(0)).toMatchObject({ waitMs: expect.closeTo(1_020, 0) });
  });
});
