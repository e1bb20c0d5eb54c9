import { expect, test } from '@jest/globals';
import { pauseFinding } from './pause-finding.ts';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const HOUR_MS = 3_600_000;

function paused(leftMs: number, learned?: Readonly<Record<string, number>>): ReturnType<typeof pauseFinding> {
  return pauseFinding(
    {
      pausedUntil: new Date(NOW + leftMs).toISOString(),
      grantedUntil: '',
      grantedTo: '',
      ...(learned === undefined ? {} : { learned }),
    },
    NOW,
  );
}

test('a bot without a pause is well', () => {
  expect(pauseFinding(undefined, NOW)).toMatchObject({ state: 'ok' });
  expect(paused(0)).toMatchObject({ state: 'ok' });
  expect(paused(-HOUR_MS)).toMatchObject({ state: 'ok' });
});

test.each([
  [60_000, 'warning'],
  [HOUR_MS, 'failing'],
  [14 * 24 * HOUR_MS, 'failing'],
])('a pause of %d ms to go is %s, and says until when', (leftMs, state) => {
  expect(paused(leftMs)).toMatchObject({
    state,
    meaning: expect.stringContaining(`until ${new Date(NOW + leftMs).toISOString()}`),
  });
});

test('it says since when, where that is known and can be true', () => {
  expect(paused(HOUR_MS, { lastRefusalAt: NOW - HOUR_MS }).meaning).toContain('since 2026-01-01T11:00:00.000Z');
  expect(paused(HOUR_MS, { lastRefusalAt: NOW + HOUR_MS }).meaning).not.toContain('since');
  expect(paused(HOUR_MS, { lastRefusalAt: 0 }).meaning).not.toContain('since');
});

test('a pause longer than any that Telegram orders was written by a wrong clock', () => {
  expect(paused(15 * 24 * HOUR_MS)).toMatchObject({
    state: 'warning',
    meaning: expect.stringContaining('a clock was wrong'),
  });
});
