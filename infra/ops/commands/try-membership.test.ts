import { describe, expect, test } from '@jest/globals';
import type { CommandContext } from '../command.ts';
import { ApiError } from '../ops-api.ts';
import { tryMembership } from './try-membership.ts';

const JOURNEY = { requestId: 'r', membershipId: 'm', userId: 'try-1', endsAt: '2026-01-01T00:02:00.000Z' };
const LINK = { at: '2026-01-01T00:00:01.000Z', what: 'link created', detail: 'https://t.me/+x' };
const CAME_IN = { at: '2026-01-01T00:00:30.000Z', what: 'came in' };
const REMOVED = { at: '2026-01-01T00:02:05.000Z', what: 'removed' };
const held = { removal: { status: 'held', reason: 'too many are due', since: '2026-01-01T00:02:00.000Z' } };

/** The API at each look; the last one stays. `now`: at each look. */
function contextOf(looks: readonly (readonly object[] | undefined)[], now: string) {
  const posted: unknown[] = [];
  const notes: string[] = [];
  const results: object[] = [];
  let look = 0;
  const context: CommandContext = {
    api: {
      post: <T extends object>(path: string, body?: object) => {
        posted.push([path, body]);
        return Promise.resolve(JOURNEY as unknown as T);
      },
      get: <T extends object>(path: string) => {
        if (path.startsWith('/requests/')) return Promise.resolve({ timeline: [LINK] } as unknown as T);
        const history = looks[Math.min(look, looks.length - 1)];
        look += 1;
        if (history === undefined) return Promise.reject(new ApiError(404, 'There is no such membership'));
        const membership = history.includes(REMOVED) ? held : {};
        return Promise.resolve({ membership, history } as unknown as T);
      },
    },
    output: {
      result: (value) => void results.push(value),
      note: (text) => void notes.push(text),
      progress: () => ({ update: () => undefined, stop: () => undefined }),
    },
    confirm: () => Promise.resolve(),
    now: () => Date.parse(now),
    begin: () => undefined,
    environment: {},
  };
  return { context, posted, notes, results };
}

describe('a test journey', () => {
  test('tells each step once, and ends when the membership that was there is gone', async () => {
    const { context, posted, notes, results } = contextOf(
      [undefined, [CAME_IN], [CAME_IN, REMOVED], undefined],
      '2026-01-01T00:00:00.000Z',
    );
    const exit = await tryMembership.run({ values: { community: 'gold', minutes: '2' }, parameters: [] }, context);
    expect(exit).toBe(0);
    expect(posted).toEqual([
      ['/communities/gold/try', { period: 'PT2M' }],
      ['/erase', { userId: 'try-1', cursor: undefined }],
    ]);
    expect(notes.slice(1)).toEqual([
      '00:00:01  link created  https://t.me/+x',
      '00:00:30  came in',
      '00:02:00  removal held  too many are due',
      '00:02:05  removed',
    ]);
    expect(results).toMatchObject([{ requestId: 'r', isGone: true }]);
  });

  test('that is not over ten minutes after its end is given up, and the exit says so', async () => {
    const { context, results } = contextOf([[CAME_IN]], '2026-01-01T00:12:00.001Z');
    expect(await tryMembership.run({ values: {}, parameters: [] }, context)).toBe(1);
    expect(results).toMatchObject([{ isGone: false }]);
  });

  test.each(['0', '61', '2m', ''])('takes no --minutes %s', async (minutes) => {
    const { context, posted } = contextOf([], '2026-01-01T00:00:00.000Z');
    await expect(tryMembership.run({ values: { minutes }, parameters: [] }, context)).rejects.toThrow(
      '--minutes must be a whole number from 1 to 60',
    );
    expect(posted).toEqual([]);
  });
});
