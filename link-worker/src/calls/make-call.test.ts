import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NO_ATTEMPTS, type Attempts } from '@paid-community/shared/model/operations/attempts.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { Throttle } from '../bots/throttle.ts';
import { attemptsExhausted, remainingWaitMs } from './attempts.ts';
import { makeCall, type CallDeps, type CallOutcome, type Turns } from './make-call.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const refusal = (errorCode: number, description: string, retryAfterSeconds?: number): TelegramApiError =>
  new TelegramApiError({ errorCode, description, retryAfterSeconds });

// A kind of call that nothing uses yet: the machine knows none of them.
describe('a call of any kind, here the approval of a join request', () => {
  let clock: ManualClock;
  let backend: Backend;
  let close: () => Promise<void>;
  let lines: string[];
  let deps: CallDeps;
  let made: number;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    lines = [];
    made = 0;
    deps = {
      turns: newTurns(),
      limits: { maxAttempts: 4, baseBackoffMs: 5_000 },
      clock,
      log: createLogger({ level: 'debug', secrets: [], write: (line) => lines.push(line) }),
    };
  });

  afterEach(() => close());

  function newTurns(): Turns {
    const bounds = { adaptive: false, startPerSecond: Infinity, floorPerSecond: 0.02, ceilingPerSecond: 30 };
    const throttle = new Throttle(
      { instanceId: `instance-${made}`, bounds, atOnce: 1 },
      { store: backend.store, clock },
    );
    return throttle.turns('7', 'member', { communityId: 'default', callClass: 'approval' });
  }

  function approve(
    answer: Error | undefined,
    attempts: Attempts = NO_ATTEMPTS,
  ): Promise<CallOutcome<'approved' | 'was inside'>> {
    return makeCall<'approved' | 'was inside'>(
      {
        method: 'approveChatJoinRequest',
        make: () => {
          made += 1;
          clock.advance(30);
          return answer === undefined ? Promise.resolve('approved') : Promise.reject(answer);
        },
        alreadyDone: () => 'was inside',
        isAboutPerson: true,
        attempts,
        line: { message: 'member call', fields: { membershipId: 'm-1' }, done: (outcome) => ({ outcome }) },
      },
      deps,
    );
  }

  const logged = (): unknown => JSON.parse(lines.at(-1) ?? 'null');

  test('one that is answered is done, counted, and said in one line', async () => {
    expect(await approve(undefined)).toEqual({
      kind: 'done',
      result: 'approved',
      attempts: { made: 1, failures: [], nextAt: undefined },
    });
    expect(lines).toHaveLength(1);
    expect(logged()).toMatchObject({
      level: 'info',
      message: 'member call',
      membershipId: 'm-1',
      attempt: 1,
      durationMs: 30,
      outcome: 'approved',
    });
  });

  test('one whose wish is fulfilled already is done', async () => {
    expect(await approve(refusal(400, 'Bad Request: USER_ALREADY_PARTICIPANT'))).toMatchObject({
      kind: 'done',
      result: 'was inside',
      attempts: { made: 1, failures: [] },
    });
    expect(logged()).toMatchObject({ level: 'info', outcome: 'was inside' });
  });

  test('a pause costs no attempt, and is kept by the next process too', async () => {
    const pausedUntil = new Date(clock.now() + 30 + 14 * DAY_MS);
    expect(await approve(refusal(429, 'Too Many Requests', (14 * DAY_MS) / 1_000))).toEqual({
      kind: 'put_back',
      because: 'told_to_wait',
      notBefore: pausedUntil,
    });
    expect(logged()).toMatchObject({ level: 'warn', outcome: 'told_to_wait', retryAfterSeconds: 14 * 24 * 3_600 });
    deps = { ...deps, turns: newTurns() };
    clock.advance(13 * DAY_MS);
    expect(await approve(undefined)).toEqual({ kind: 'put_back', because: 'no_turn', notBefore: pausedUntil });
    clock.advance(DAY_MS);
    expect(await approve(undefined)).toMatchObject({ kind: 'done' });
    expect(made).toBe(2);
  });

  test.each([
    ['5xx', refusal(502, 'Bad Gateway'), 'transient', 'warn'],
    ['no answer', new TelegramCallError('no answer'), 'transient', 'warn'],
    ['an error of no row of the table', refusal(400, 'Bad Request: SOMETHING_NEW'), 'unknown', 'error'],
    [
      'a bot without rights',
      refusal(403, 'Forbidden: bot was kicked from the supergroup chat'),
      'needs_administrator',
      'error',
    ],
  ])('%s is tried again after a backoff', async (_name, error, because, level) => {
    const outcome = await approve(error, { ...NO_ATTEMPTS, made: 1 });
    expect(outcome).toMatchObject({ kind: 'retry_at', because, attempts: { made: 2, nextAt: clock.now() + 10_000 } });
    expect(logged()).toMatchObject({ level, attempt: 2, outcome: because });
  });

  test.each([
    ['what only the person can mend', refusal(400, 'Bad Request: USER_CHANNELS_TOO_MUCH'), 'needs_user'],
    ['what can never succeed', refusal(403, 'Forbidden: user is deactivated'), 'refused'],
  ])('%s is given up at the first attempt', async (_name, error, because) => {
    expect(await approve(error)).toMatchObject({ kind: 'given_up', because, attempts: { made: 1, nextAt: undefined } });
  });

  test('property: with all answers, attempts only grow, and end where they must', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.constantFrom(...ANSWERS)), async (answers) => {
        let attempts = NO_ATTEMPTS;
        for (const answer of answers) {
          const madeBefore = made;
          const outcome = await approve(answer, attempts);
          if (outcome.kind === 'put_back') {
            expect(made - madeBefore).toBe(outcome.because === 'no_turn' ? 0 : 1);
            expect(outcome.notBefore.getTime()).toBeGreaterThan(clock.now());
            clock.advance(Math.min(2_000, outcome.notBefore.getTime() - clock.now()));
            continue;
          }
          expect(made).toBe(madeBefore + 1);
          expect(outcome.attempts.made).toBe(attempts.made + 1);
          ({ attempts } = outcome);
          expect(attempts.failures).toHaveLength(outcome.kind === 'done' ? attempts.made - 1 : attempts.made);
          if (outcome.kind !== 'retry_at') {
            expect(attempts.nextAt).toBeUndefined();
            return;
          }
          expect(attempts.made).toBeLessThan(4);
          expect(remainingWaitMs(attempts, clock.now(), deps.limits)).toBe(5_000 * 2 ** (attempts.made - 1));
        }
      }),
    );
  });
});

describe('attempts', () => {
  const limits = { maxAttempts: 4, baseBackoffMs: 5_000 };

  test('a clock that was set back makes nobody wait for longer than the backoff', () => {
    expect(remainingWaitMs({ made: 2, failures: [], nextAt: 50 * DAY_MS }, 0, limits)).toBe(10_000);
    expect(remainingWaitMs({ made: 2, failures: [], nextAt: 5 }, 10, limits)).toBe(0);
  });

  test('the end of all attempts says how many there were, and the last failure', () => {
    expect(attemptsExhausted(4, 'Telegram answered 502: Bad Gateway')).toMatchObject({
      code: 'attempts_exhausted',
      message: '4 attempts failed, the last with: Telegram answered 502: Bad Gateway',
    });
  });
});

const ANSWERS = [
  undefined,
  refusal(429, 'Too Many Requests', 3),
  refusal(502, 'Bad Gateway'),
  refusal(400, 'Bad Request: USER_ALREADY_PARTICIPANT'),
  refusal(400, 'Bad Request: USER_CHANNELS_TOO_MUCH'),
  new TelegramCallError('no answer'),
];
