import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CommunityLines, type PlaceInLine } from './community-lines.ts';

const PACE = 5;
const at = (now: number, readyAt = now, perSecond = PACE): { now: number; readyAt: number; perSecond: number } => ({
  now,
  readyAt,
  perSecond,
});

describe('the line of a community', () => {
  test('the first of a backlog come at once, and the others spread over the time that they need', () => {
    const lines = new CommunityLines();
    const places = Array.from({ length: 10_000 }, () => lines.join('busy', at(0)));
    expect(places.slice(0, 6).map(({ notBefore }) => notBefore)).toEqual([0, 0, 0, 0, 0, 0]);
    const last = places.at(-1);
    expect(last?.line.turnAt).toBeCloseTo((9_999 / PACE) * 1_000, 0);
    // It comes after a quarter of its wait, when more is known.
    expect(last?.notBefore).toBeCloseTo((9_999 / PACE) * 250, 0);
    expect(lines.join('other', at(0)).notBefore).toBe(0);
  });

  test('a place is reckoned anew when the pace is another one, and by a process that knows nothing of the line', () => {
    const place: PlaceInLine = { turnAt: 1_000_000, perSecond: 5 };
    const restarted = new CommunityLines();
    const { line } = restarted.rejoin('busy', place, at(0, 0, 10));
    expect(line.turnAt / 1_000_000).toBeCloseTo(0.5, 0);
    // What comes by shows how long the line is: what is new joins behind it.
    expect(restarted.join('busy', at(0, 0, 10)).line.turnAt).toBeGreaterThan(400_000);
  });

  test('what a wrong clock has written counts as a turn that has passed', () => {
    const place: PlaceInLine = { turnAt: 400 * 24 * 3_600_000, perSecond: 5 };
    expect(new CommunityLines().rejoin('busy', place, at(0, 3_000)).notBefore).toBe(3_000);
  });

  test('property: no task sleeps for longer than a day, and none comes back before its bot is ready', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e9, max: 3e9, noNaN: true }),
        fc.double({ min: 0.01, max: 30, noNaN: true }),
        fc.integer({ min: 0, max: 600_000 }),
        (turnAt, perSecond, readyAt) => {
          const { notBefore } = new CommunityLines().rejoin('busy', { turnAt, perSecond }, at(0, readyAt));
          expect(notBefore).toBeGreaterThanOrEqual(readyAt);
          expect(notBefore).toBeLessThanOrEqual(24 * 3_600_000);
        },
      ),
    );
  });

  test('a task that always finds no turn before its time comes as often as the logarithm of its wait says', () => {
    const comings = (waitMs: number): number => {
      let place: PlaceInLine = { turnAt: waitMs, perSecond: PACE };
      let count = 0;
      for (let now = 0; now < place.turnAt; count += 1) {
        const back = new CommunityLines().rejoin('busy', place, at(now, now, PACE));
        expect(back.notBefore).toBeGreaterThan(now);
        [place, now] = [back.line, back.notBefore];
      }
      return count;
    };
    expect(comings(60_000)).toBeLessThanOrEqual(4);
    expect(comings(3_600_000)).toBeLessThanOrEqual(8);
    expect(comings(24 * 3_600_000)).toBeLessThanOrEqual(12);
  });
});
