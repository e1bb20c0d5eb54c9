import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AnswerJoinRequest } from '@paid-community/shared/model/memberships/membership-tasks.ts';
import {
  someEndedMembership,
  someMembership,
} from '@paid-community/shared/model/memberships/testing/some-membership.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';
import { MembersAtTelegram, refusal } from './testing/members-at-telegram.ts';

const BUYER = someMembership({ state: 'pending', presence: 'unknown', isAdmitted: false, presenceAt: undefined });
const REQUESTED_AT = '2026-01-01T00:00:00.000Z';

let telegram: MembersAtTelegram;
beforeEach(async () => {
  telegram = await MembersAtTelegram.open();
  await telegram.put(BUYER);
  telegram.asking.add(42);
});
afterEach(() => telegram.close());

function answer(more: Partial<Parameters<typeof AnswerJoinRequest.toQueueTask>[0]> = {}): OutgoingTask {
  return AnswerJoinRequest.toQueueTask({
    communityId: 'gold',
    chatId: '-1001',
    telegramUserId: '42',
    requestedAt: REQUESTED_AT,
    approve: true,
    membershipId: BUYER.membershipId,
    attemptNumber: 1,
    deferrals: 0,
    traceparent: 't',
    ...more,
  });
}

const told = (): readonly string[] => telegram.told.map(([, what]) => what);

test('a buyer is let in, and it is told with an id of the request', async () => {
  await telegram.run(answer());
  expect([...telegram.inside]).toEqual([42]);
  const id = `${BUYER.membershipId}.join-request-approved.${Date.parse(REQUESTED_AT)}`;
  expect(telegram.told).toEqual([[id, 'JoinRequestApproved - 42']]);
});

test('a decline says why, and of somebody who is nobody there is nobody to tell', async () => {
  await telegram.run(answer({ approve: false, reason: 'another_account', telegramUserId: '42' }));
  telegram.asking.add(99);
  await telegram.run(answer({ approve: false, reason: 'unknown_link', telegramUserId: '99', membershipId: undefined }));
  expect([telegram.asking.size, telegram.inside.size]).toEqual([0, 0]);
  expect(told()).toEqual(['JoinRequestDeclined another_account 42']);
});

test.each([
  ['whose time ended', someEndedMembership(), 'expired'],
  ['whose membership was bound to another account', someMembership({ telegramUserId: '43' }), 'another_account'],
  [
    'whom an administrator kicked',
    someMembership({ presence: 'outside', departure: 'kicked' }),
    'kicked_by_administrator',
  ],
])('somebody %s while the approval waited is not let in', async (_, membership, reason) => {
  telegram.scripted['approveChatJoinRequest'] = [
    new TelegramApiError({ errorCode: 429, description: 'Too Many Requests', retryAfterSeconds: 60 }),
  ];
  const later = await telegram.run(answer());
  await telegram.put(membership);
  telegram.clock.advance(60_000);
  if (later !== undefined) await telegram.run(later);
  expect([telegram.asking.size, telegram.inside.size]).toEqual([0, 0]);
  expect(told()).toEqual([`JoinRequestDeclined ${reason} 42`]);
});

test('after a death between call and event the approval is told; one who took the request back is not told of', async () => {
  await telegram.run(answer());
  await telegram.run(answer());
  expect(telegram.told[0]).toEqual(telegram.told[1]);
  telegram.inside.clear();
  await telegram.run(answer());
  expect(telegram.told).toHaveLength(2);
});

test('a decline that was answered already is told again; not when an administrator let the person in', async () => {
  telegram.asking.clear();
  await telegram.run(answer({ approve: false, reason: 'expired' }));
  expect(told()).toEqual(['JoinRequestDeclined expired 42']);
  telegram.inside.add(42);
  await telegram.run(answer({ approve: false, reason: 'expired' }));
  expect(told()).toHaveLength(1);
});

test('somebody in too many chats is told so, and the request stays open', async () => {
  telegram.scripted['approveChatJoinRequest'] = [refusal('USER_CHANNELS_TOO_MUCH')];
  expect(await telegram.run(answer())).toBeUndefined();
  expect([telegram.asking.size, told()]).toEqual([1, ['JoinRequestDeclined too_many_chats 42']]);
});

test('a right that is missing is waited for, and an approval that can never succeed is a dead letter', async () => {
  const missing = refusal('Not enough rights to manage chat join requests');
  telegram.scripted['approveChatJoinRequest'] = [missing, refusal('USER_ID_INVALID')];
  expect((await telegram.run(answer()))?.name).toMatch(/-2-0$/);
  await expect(telegram.run(answer())).rejects.toMatchObject({ code: 'attempts_exhausted' });
  telegram.scripted['declineChatJoinRequest'] = [refusal('USER_ID_INVALID')];
  expect(await telegram.run(answer({ approve: false }))).toBeUndefined();
});
