import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RemoveMember } from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { someEndedMembership } from '@paid-community/shared/model/memberships/testing/some-membership.ts';
import { MembersAtTelegram } from './testing/members-at-telegram.ts';

const MINUTE_MS = 60_000;
const ENDED = someEndedMembership();

let telegram: MembersAtTelegram;

beforeEach(async () => {
  telegram = await MembersAtTelegram.open();
});

afterEach(() => telegram.close());

async function remove(): Promise<unknown> {
  telegram.inside.add(42);
  await telegram.put(ENDED);
  const task = {
    communityId: 'gold',
    telegramUserId: '42',
    membershipId: ENDED.membershipId,
    reason: 'expired',
  } as const;
  return telegram.run(
    RemoveMember.toQueueTask({
      ...task,
      because: 'membership',
      since: ENDED.endedAt,
      attemptNumber: 1,
      deferrals: 0,
      traceparent: 't',
    }),
  );
}

test.each([
  ['ahead of', -11 * MINUTE_MS],
  ['behind', 11 * MINUTE_MS],
])('while the clock of this machine is %s that of Telegram, nobody is removed', async (_, aheadMs) => {
  telegram.aheadMs = aheadMs;
  await expect(remove()).rejects.toMatchObject({ code: 'clock_differs' });
  expect(telegram.inside.has(42)).toBe(true);
  telegram.aheadMs = 9 * MINUTE_MS;
  await remove();
  expect(telegram.inside.has(42)).toBe(false);
});

test('a clock that is set between two removals is seen, though the time was asked for just before', async () => {
  await remove();
  telegram.clock.setBy(365 * 24 * 60 * MINUTE_MS);
  telegram.aheadMs = -365 * 24 * 60 * MINUTE_MS;
  await expect(remove()).rejects.toMatchObject({ code: 'clock_differs' });
  expect(telegram.inside.has(42)).toBe(true);
});

test('the time is asked for once in ten minutes at most, and not while removals tell it', async () => {
  for (let each = 0; each < 5; each += 1) {
    await remove();
    telegram.clock.advance(4 * MINUTE_MS);
  }
  expect(telegram.timesAsked).toBe(1);
  telegram.clock.advance(10 * MINUTE_MS);
  await remove();
  expect(telegram.timesAsked).toBe(2);
});
