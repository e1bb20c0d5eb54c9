import { beforeEach, describe, expect, test } from '@jest/globals';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { PollHealth } from './poll-health.ts';

const anotherPoller = new TelegramApiError({
  errorCode: 409,
  description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
});
const unreachable = new TelegramCallError('Telegram did not answer getUpdates', {
  cause: new Error('getaddrinfo ENOTFOUND api.telegram.org'),
});

describe('how polling goes', () => {
  let clock: ManualClock;
  let poll: PollHealth;

  beforeEach(() => {
    clock = new ManualClock();
    poll = new PollHealth(clock);
  });

  test('is not known before the first call, and good after it', () => {
    expect(poll.finding()).toMatchObject({ state: 'unknown' });
    poll.succeeded();
    expect(poll.finding()).toMatchObject({ state: 'ok' });
  });

  test('with another program polling fails, although every other call goes well, until it has been gone for a while', () => {
    poll.failed(anotherPoller);
    poll.succeeded();
    expect(poll.finding()).toMatchObject({
      state: 'failing',
      meaning: expect.stringContaining('now and then'),
      advice: expect.stringContaining('a bot of its own'),
    });
    clock.advance(5 * 60_000);
    poll.succeeded();
    expect(poll.finding()).toMatchObject({ state: 'ok' });
  });

  test.each([
    ['a network that is away', unreachable, 'ENOTFOUND'],
    ['a store that is full', new RetryableError('storage_full', 'no space'), 'no space'],
  ])('with %s is a warning, and fails after a minute', (_name, error, words) => {
    poll.succeeded();
    poll.failed(error);
    expect(poll.finding()).toMatchObject({ state: 'warning', meaning: expect.stringContaining(words) });
    clock.advance(60_000);
    poll.failed(error);
    expect(poll.finding()).toMatchObject({
      state: 'failing',
      meaning: expect.stringContaining('since 2026-01-01T00:00:00.000Z'),
    });
    poll.succeeded();
    expect(poll.finding()).toMatchObject({ state: 'ok' });
  });
});
