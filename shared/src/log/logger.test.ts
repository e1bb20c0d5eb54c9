import { describe, expect, test } from '@jest/globals';
import { createLogger } from './logger.ts';

describe('logging', () => {
  function logged(secrets: readonly string[], write: (log: ReturnType<typeof createLogger>) => void): string {
    const lines: string[] = [];
    write(createLogger({ level: 'info', secrets, write: (line) => lines.push(line) }));
    return lines.join('');
  }

  test('a line is JSON with time, level, message and fields', () => {
    const line = JSON.parse(logged([], (log) => log.info({ requestId: 'r' }, 'accepted'))) as Record<string, unknown>;
    expect(line).toEqual({ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), requestId: 'r', message: 'accepted' });
  });

  test('a secret is kept out of fields, messages and errors, also where JSON escapes it', () => {
    const secret = 'pa"ss\\word';
    const text = logged([secret, ''], (log) => {
      log.warn({ url: `http://host/bot${secret}/x`, error: new Error(`failed with ${secret}`) }, `so ${secret}`);
    });
    expect(text).not.toContain('ss\\\\word');
    expect(text.match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(3);
  });

  test('of an error only name, code, message, stack and causes are printed', () => {
    const cause = Object.assign(new Error('inner'), { code: 'ECONNRESET', config: { headers: { Authorization: 'Bearer hidden' } } });
    const text = logged([], (log) => log.error({ error: new Error('outer', { cause }) }, 'failed'));
    expect(text).not.toContain('hidden');
    expect(JSON.parse(text)).toMatchObject({ error: { message: 'outer', cause: { code: 'ECONNRESET', message: 'inner' } } });
  });

  test('less severe lines than the level are not printed', () => {
    expect(logged([], (log) => log.debug({}, 'detail'))).toBe('');
  });
});
