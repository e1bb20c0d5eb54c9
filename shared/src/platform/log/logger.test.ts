import { describe, expect, test } from '@jest/globals';
import { inTrace } from '../trace/current-trace.ts';
import { carryingSpan } from '../telemetry/telemetry.ts';
import { createLogger } from './logger.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

describe('logging', () => {
  function logged(secrets: readonly string[], write: (log: ReturnType<typeof createLogger>) => void): string {
    const lines: string[] = [];
    write(createLogger({ level: 'info', secrets, write: (line) => lines.push(line) }));
    return lines.join('');
  }

  test('a line is JSON with time, level, message and fields', () => {
    const line = JSON.parse(logged([], (log) => log.info({ requestId: 'r' }, 'accepted'))) as Record<string, unknown>;
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      requestId: 'r',
      message: 'accepted',
    });
  });

  test('a secret is kept out of fields, messages and errors, also where JSON escapes it', () => {
    const secret = 'pa"ss\\word';
    const text = logged([secret, ''], (log) => {
      log.warn({ url: `http://host/bot${secret}/x`, error: new Error(`failed with ${secret}`) }, `so ${secret}`);
    });
    expect(text).not.toContain('ss\\\\word');
    expect(text.match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(3);
  });

  test.each([
    'https://t.me/+AbCdEf-12_x',
    'http://telegram.me/joinchat/AbCdEf',
    't.me/%2BAbCdEf',
    'tg://join?invite=AbCdEf',
    'HTTPS://T.ME/+AbCdEf',
  ])('%s is in no line, wherever it comes from', (link) => {
    const line = logged([], (log) =>
      log.warn({ id: link, error: new Error(`no ${link}, sorry`) }, `there is no ${link}`),
    );
    expect(line).not.toMatch(/AbCdEf/);
    expect(JSON.parse(line)).toMatchObject({
      message: expect.stringContaining('[link]'),
      error: { message: expect.stringContaining('[link], sorry') },
    });
  });

  test.each(['1', 'a', '"', 'time', ':'])('a secret that is as short as %s does not eat the lines', (secret) => {
    const line = JSON.parse(
      logged([secret, 'a-secret-of-the-usual-length'], (log) => log.warn({ attempt: 1 }, 'at a time')),
    ) as unknown;
    expect(line).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      attempt: 1,
      message: 'at a time',
    });
  });

  test('of two secrets the one that begins with the other is kept out as a whole', () => {
    expect(logged(['secret-one', 'secret-one-and-more'], (log) => log.info({}, 'secret-one-and-more'))).toContain(
      '"message":"[redacted]"',
    );
  });

  test('of an error only name, code, message, stack and causes are printed', () => {
    const cause = Object.assign(new Error('inner'), {
      code: 'ECONNRESET',
      config: { headers: { Authorization: 'Bearer hidden' } },
    });
    const text = logged([], (log) => log.error({ error: new Error('outer', { cause }) }, 'failed'));
    expect(text).not.toContain('hidden');
    expect(JSON.parse(text)).toMatchObject({
      error: { message: 'outer', cause: { code: 'ECONNRESET', message: 'inner' } },
    });
  });

  test('less severe lines than the level are not printed', () => {
    expect(logged([], (log) => log.debug({}, 'detail'))).toBe('');
  });

  function loggedInTrace(cloudProject: string | undefined, flags: string): unknown {
    const lines: string[] = [];
    const log = createLogger({
      level: 'info',
      secrets: [],
      ...(cloudProject === undefined ? {} : { cloudProject }),
      write: (line) => lines.push(line),
    });
    const traceparent = `00-${TRACE_ID}-${SPAN_ID}-${flags}`;
    inTrace({ traceparent, requestId: 'r', span: carryingSpan(traceparent) }, () =>
      log.warn({ attempt: 1 }, 'delivery'),
    );
    return JSON.parse(lines.join(''));
  }

  test('a line carries the trace and the purchase that it belongs to', () => {
    expect(loggedInTrace(undefined, '01')).toEqual({
      level: 'warn',
      time: expect.any(String),
      trace_id: TRACE_ID,
      span_id: SPAN_ID,
      requestId: 'r',
      attempt: 1,
      message: 'delivery',
    });
  });

  test.each([
    ['01', true],
    ['00', false],
  ])('on Google Cloud it has the form that Cloud Logging reads (flags %s)', (flags, sampled) => {
    expect(loggedInTrace('project-1', flags)).toEqual({
      severity: 'WARNING',
      time: expect.any(String),
      'logging.googleapis.com/trace': `projects/project-1/traces/${TRACE_ID}`,
      'logging.googleapis.com/spanId': SPAN_ID,
      'logging.googleapis.com/trace_sampled': sampled,
      requestId: 'r',
      attempt: 1,
      message: 'delivery',
    });
  });
});
