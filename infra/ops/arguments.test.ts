import { describe, expect, test } from '@jest/globals';
import { UsageError } from './command-line/usage-error.ts';
import { secondsArgument, timeArgument, timeRange } from './arguments.ts';

const NOW = Date.parse('2026-11-20T10:00:00.000Z');

describe('times of the command line', () => {
  test.each([
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T23:59Z', '2000-02-29T23:59:00.000Z'],
    ['2026-11-20T15:30+05:30', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:00.5Z', '2026-11-20T10:00:00.500Z'],
    ['90m', '2026-11-20T08:30:00.000Z'],
    ['0.5d', '2026-11-19T22:00:00.000Z'],
  ])('%s is %s', (text, time) => {
    expect(timeArgument('since', text, NOW)).toBe(time);
  });

  test.each([
    '2026-02-30',
    '2026-02-29',
    '1900-02-29',
    '2026-04-31T10:00Z',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-11-20T24:00Z',
    '2026-11-20T10:60Z',
    '2026-11-20T10:00:60Z',
    '2026-11-20T10:00',
    '20-11-2026',
    '2026-11-20 10:00Z',
    '2026-11-20T10:00+99:00',
    '999999999d',
    'yesterday',
    '-2h',
    '2h30m',
    '',
  ])('%j is no time: the refusal names the option and the right form', (text) => {
    expect(() => timeArgument('since', text, NOW)).toThrow(UsageError);
    expect(() => timeArgument('since', text, NOW)).toThrow('--since must be a time such as 2026-11-20,');
  });

  test('every day of four centuries that there is, and no other', () => {
    for (let day = Date.UTC(1997, 0, 1); day < Date.UTC(2397, 0, 1); day += 86_400_000) {
      const text = new Date(day).toISOString().slice(0, 10);
      expect(timeArgument('since', text, NOW)).toBe(`${text}T00:00:00.000Z`);
      const isLast = new Date(day + 86_400_000).getUTCDate() === 1;
      if (isLast)
        expect(() => timeArgument('since', `${text.slice(0, 8)}${Number(text.slice(8)) + 1}`, NOW)).toThrow(UsageError);
    }
  });

  test('a range that holds nothing is told', () => {
    expect(timeRange({ since: '2h', until: '1h' }, NOW)).toEqual({
      since: '2026-11-20T08:00:00.000Z',
      until: '2026-11-20T09:00:00.000Z',
    });
    for (const range of [
      { since: '1h', until: '2h' },
      { since: '2026-11-20', until: '2026-11-20' },
    ])
      expect(() => timeRange(range, NOW)).toThrow('--until: until must be after since');
  });

  test('a duration is a number with its unit', () => {
    expect(secondsArgument('stuck-for', '1.5h')).toBe(5_400);
    for (const text of ['90', 'h', '-1h', '1w', ''])
      expect(() => secondsArgument('stuck-for', text)).toThrow('--stuck-for must be a duration such as');
  });
});
