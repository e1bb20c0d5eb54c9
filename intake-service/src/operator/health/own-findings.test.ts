import { describe, expect, test } from '@jest/globals';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { createdLinksForEventEmitter, purchasesForLinkWorker } from '@paid-community/shared/topology.ts';
import {
  backendFinding,
  backlogFinding,
  clockFinding,
  deadLettersFinding,
  diskFinding,
  queueFinding,
  waitingFinding,
} from './own-findings.ts';

const MINUTE_MS = 60_000;
const NOW = Date.parse('2026-01-01T12:00:00Z');

describe('what intake-service finds by itself', () => {
  test.each([
    [0, 'ok'],
    [9, 'ok'],
    [10, 'warning'],
    [59, 'warning'],
    [60, 'failing'],
  ])('an event that has not been sent for %d minutes is %s', (minutes, state) => {
    const oldestPublishTime = new Date(NOW - minutes * MINUTE_MS);
    const finding = backlogFinding(createdLinksForEventEmitter, { undelivered: 7, oldestPublishTime }, NOW);
    expect(finding).toMatchObject({
      state,
      meaning: `7 events are not sent to WebEngage yet, the oldest from ${oldestPublishTime.toISOString()}`,
    });
    expect(finding.advice === undefined).toBe(state === 'ok');
  });

  test('nothing undelivered is good, and not known is neither', () => {
    expect(backlogFinding(purchasesForLinkWorker, { undelivered: 0, oldestPublishTime: undefined }, NOW)).toMatchObject(
      { state: 'ok', meaning: expect.stringContaining('every purchase has its request') },
    );
    expect(backlogFinding(purchasesForLinkWorker, undefined, NOW)).toMatchObject({ state: 'unknown' });
  });

  test.each([
    [300 * 2 ** 30, 'ok', '300 GiB'],
    [2 * 2 ** 30, 'ok', '2048 MiB'],
    [2 * 2 ** 30 - 1, 'warning', '2047 MiB'],
    [256 * 2 ** 20, 'warning', '256 MiB'],
    [100 * 2 ** 20, 'failing', '100 MiB'],
  ])('%d free bytes are %s', (bytes, state, words) => {
    expect(diskFinding(bytes, '.data')).toMatchObject({
      state,
      meaning: `${words} are free where the data is (.data)`,
    });
  });

  test.each([
    [-5 * MINUTE_MS, 10, 'warning', /was set back by 5 minutes; since then it says 2026-01-01T11:50:00/],
    [-5 * MINUTE_MS, 25 * 60, 'ok', /has not jumped in the last day/],
    [365 * 24 * 60 * MINUTE_MS, 10, 'warning', /was set ahead by 365 days, or the machine has slept/],
    [-3_000, 10, 'warning', /set back by 3 seconds/],
  ])('a clock that was set by %d ms, %d minutes ago, is %s', (byMs, minutesAgo, state, words) => {
    const lastJump = { at: new Date(NOW - minutesAgo * MINUTE_MS), byMs };
    expect(clockFinding({ lastJump, doubtedMs: 0 }, NOW)).toMatchObject({
      state,
      meaning: expect.stringMatching(words),
    });
  });

  test('a clock that is not believed wants somebody, and says for what that is good', () => {
    expect(clockFinding({ lastJump: undefined, doubtedMs: 365 * 24 * 60 * MINUTE_MS }, NOW)).toMatchObject({
      state: 'warning',
      meaning: expect.stringMatching(/365 days ahead.*nothing is deleted/),
      advice: expect.stringContaining('NTP'),
    });
    expect(clockFinding({ lastJump: undefined, doubtedMs: 0 }, NOW).state).toBe('ok');
  });

  test('a paused queue and open dead letters want somebody, a backend that does not answer fails', () => {
    const queue = { maxDispatchesPerSecond: 5, maxConcurrentDispatches: 1, waiting: 12 };
    expect(queueFinding(inviteQueue, { ...queue, state: 'running' })).toMatchObject({
      state: 'ok',
      meaning: expect.stringContaining('12 tasks wait'),
    });
    expect(queueFinding(inviteQueue, { ...queue, waiting: undefined, state: 'paused' })).toMatchObject({
      state: 'warning',
      advice: expect.stringContaining('queue resume'),
    });
    expect(deadLettersFinding(3, 0)).toMatchObject({
      state: 'warning',
      advice: expect.stringContaining('dead-letters list'),
    });
    expect(deadLettersFinding(0, 2)).toMatchObject({
      state: 'warning',
      advice: expect.stringContaining('dead-letters retry --all'),
    });
    expect(deadLettersFinding(0, 0)).toMatchObject({ state: 'ok' });
    expect(backendFinding('no space')).toMatchObject({
      state: 'failing',
      meaning: expect.stringContaining('no space'),
    });
  });

  const gone = {
    lastError: {
      code: 'telegram_unreachable',
      message: 'Telegram did not answer createChatInviteLink: getaddrinfo ENOTFOUND api.telegram.org',
    },
  };
  const unknown = { lastError: { code: 'telegram_400', message: 'Telegram answered 400: Bad Request: SOMETHING_NEW' } };
  const noChat = { lastError: { code: 'telegram_400', message: 'Telegram answered 400: Bad Request: chat not found' } };

  test('purchases that wait say why, and what to do', () => {
    expect(waitingFinding([], 100)).toMatchObject({ state: 'ok' });
    expect(waitingFinding([{}], 100)).toMatchObject({ state: 'ok' });
    expect(waitingFinding([gone], 100)).toMatchObject({
      state: 'warning',
      meaning: expect.stringContaining('The name of the host cannot be resolved'),
      advice: expect.stringContaining('network'),
    });
    expect(waitingFinding([gone, unknown], 100)).toMatchObject({
      state: 'warning',
      meaning: expect.stringContaining('SOMETHING_NEW'),
    });
  });

  test('an error that only an administrator can mend fails, beside everything else that waits', () => {
    expect(waitingFinding([gone, unknown, noChat, noChat], 4)).toEqual({
      check: 'purchases_waiting',
      state: 'failing',
      meaning:
        '4 or more purchases wait for another attempt; 2 of them because: The bot knows no such chat: the id is wrong, or the bot was never in it ("Telegram answered 400: Bad Request: chat not found")',
      advice: 'Check TELEGRAM_CHAT_ID, and that the bot is in that chat. They are tried again by themselves',
    });
  });
});
