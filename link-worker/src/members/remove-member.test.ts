import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { RemoveMember, type RemoveMemberTask } from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { removalGuards } from '@paid-community/shared/model/memberships/removal-guard.ts';
import {
  someEndedMembership,
  someMembership,
} from '@paid-community/shared/model/memberships/testing/some-membership.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { MembersAtTelegram, refusal } from './testing/members-at-telegram.ts';

const ENDED = someEndedMembership();
const KICK = 'unbanChatMember';

let telegram: MembersAtTelegram;
beforeEach(async () => {
  telegram = await MembersAtTelegram.open();
  telegram.inside.add(42);
});
afterEach(() => telegram.close());

function removal(more: Partial<RemoveMemberTask> = {}): OutgoingTask {
  return RemoveMember.toQueueTask({
    communityId: 'gold',
    telegramUserId: '42',
    membershipId: ENDED.membershipId,
    because: 'membership',
    since: ENDED.endedAt,
    reason: 'expired',
    attemptNumber: 1,
    deferrals: 0,
    traceparent: 't',
    ...more,
  });
}

const kicks = (): number => telegram.calls.filter((method) => method === KICK).length;
const REMOVED = [`${ENDED.membershipId}.member-removed.${Date.parse(ENDED.endedAt)}`, 'MemberRemoved expired 42'];

test('somebody whose time is over is removed by one call, and it is told', async () => {
  await telegram.put(ENDED);
  expect(await telegram.run(removal())).toBeUndefined();
  expect(telegram.inside.has(42)).toBe(false);
  expect(telegram.calls).toEqual([KICK]);
  expect(telegram.told).toEqual([REMOVED]);
});

test('somebody whose time is over is removed also with a membership in another community', async () => {
  await telegram.put(ENDED);
  await telegram.put(someMembership({ communityId: 'silver' }));
  await telegram.run(removal());
  expect(telegram.told).toEqual([REMOVED]);
});

test('asked for twice, it is the same fact', async () => {
  await telegram.put(ENDED);
  await telegram.run(removal());
  await telegram.run(removal({ since: '2026-01-01T01:00:00.000Z' }));
  expect(telegram.told).toEqual([REMOVED, REMOVED]);
});

test('a death between the call and its event leaves nobody untold: the update has come, and no call is made', async () => {
  const at = '2026-01-01T00:00:07.000Z';
  await telegram.put(
    someEndedMembership({ presence: 'outside', presenceAt: at, departure: 'removed', removal: undefined }),
  );
  await telegram.run(removal());
  expect([telegram.calls, telegram.told]).toEqual([[], [REMOVED]]);
});

describe('nobody is removed', () => {
  const inside = (membership: Membership): [Membership] => [membership];
  test.each<[string, readonly Membership[]]>([
    ['who has renewed', inside(someMembership())],
    ['who is in the days of grace', inside(someMembership({ state: 'grace' }))],
    [
      'whose time was over only by a clock that was ahead',
      inside(someEndedMembership({ endsAt: '2026-02-01T00:00:00.000Z' })),
    ],
    ['who is exempt', inside(someEndedMembership({ exempt: true }))],
    ['whom we did not let in', inside(someEndedMembership({ isAdmitted: false }))],
    ['whose membership was moved to another account', inside(someEndedMembership({ telegramUserId: '43' }))],
    ['who left', inside(someEndedMembership({ presence: 'outside', departure: 'left' }))],
    ['whom an administrator banned', inside(someEndedMembership({ presence: 'outside', departure: 'kicked' }))],
    [
      'whom an administrator let in after a removal',
      inside(someEndedMembership({ removal: { state: 'done', since: ENDED.endedAt, at: ENDED.endedAt } })),
    ],
    ['whose membership is erased', []],
    ['who has another membership in the community', [ENDED, someMembership({ userId: 'eve' })]],
    ['who is exempt by another membership', [ENDED, someEndedMembership({ userId: 'eve', exempt: true })]],
  ])('%s', async (_, memberships) => {
    for (const membership of memberships) await telegram.put(membership);
    expect(await telegram.run(removal())).toBeUndefined();
    expect([telegram.calls, telegram.told, [...telegram.inside]]).toEqual([[], [], [42]]);
  });

  test.each(['off', 'dry_run'] as const)('where removal is "%s" by now, except in a test journey', async (setting) => {
    await telegram.put(ENDED);
    await telegram.setCommunity({ removal: setting });
    await telegram.run(removal());
    expect(telegram.calls).toEqual([]);
    await telegram.put(someEndedMembership({ test: true }));
    await telegram.run(removal());
    expect(telegram.inside.size).toBe(0);
  });

  test('while an operator is to look at the removals of the community', async () => {
    await telegram.put(ENDED);
    await telegram.put(someMembership({ userId: 'bob', telegramUserId: '7' }));
    const guard = { communityId: 'gold', letGo: [], heldSince: ENDED.endedAt, updatedAt: ENDED.endedAt };
    await telegram.backend.store.commit([createDocument(removalGuards, 'gold', guard)]);
    expect(await telegram.run(removal())).toBeUndefined();
    // Nobody would ask for that of an account again.
    const later = await telegram.run(removal({ because: 'account', telegramUserId: '43', reason: 'moved' }));
    expect(later?.notBefore?.getTime()).toBe(telegram.clock.now() + 600_000);
    expect(telegram.calls).toEqual([]);
  });

  test('who renews while the removal waits for its turn', async () => {
    await telegram.put(ENDED);
    const pausing = new TelegramApiError({ errorCode: 429, description: 'Too Many Requests', retryAfterSeconds: 60 });
    telegram.scripted[KICK] = [pausing];
    const later = await telegram.run(removal());
    expect(later?.notBefore?.getTime()).toBe(telegram.clock.now() + 60_000);
    await telegram.put(someMembership());
    telegram.clock.advance(60_000);
    if (later !== undefined) await telegram.run(later);
    expect([kicks(), telegram.inside.has(42), telegram.told]).toEqual([1, true, []]);
  });
});

describe('what Telegram answers', () => {
  test.each(["can't remove chat owner", 'user is an administrator of the chat'])(
    '%s: told, and left to a person',
    async (words) => {
      await telegram.put(ENDED);
      telegram.scripted[KICK] = [refusal(words)];
      expect(await telegram.run(removal())).toBeUndefined();
      expect(telegram.told).toEqual([
        [
          `${ENDED.membershipId}.removal-failed.${Date.parse(ENDED.endedAt)}`,
          expect.stringContaining('RemovalFailed A bot cannot remove the owner'),
        ],
      ]);
    },
  );

  test('nobody is there: believed when a second question says so', async () => {
    await telegram.put(ENDED);
    telegram.scripted[KICK] = [refusal('PARTICIPANT_ID_INVALID'), refusal('PARTICIPANT_ID_INVALID')];
    const again = await telegram.run(removal());
    expect([telegram.told, again?.notBefore?.getTime()]).toEqual([[], telegram.clock.now() + 5_000]);
    telegram.inside.delete(42);
    await telegram.run(removal());
    expect(telegram.told).toEqual([REMOVED]);
  });

  test('a right is missing: the removal of a membership waits for the next hour, that of an account for its backoff', async () => {
    await telegram.put(ENDED);
    const missing = refusal('not enough rights to restrict/unrestrict chat member');
    telegram.scripted[KICK] = [missing, missing];
    expect(await telegram.run(removal())).toBeUndefined();
    const again = await telegram.run(removal({ because: 'account', telegramUserId: '43', reason: 'moved' }));
    expect(again?.name).toMatch(/-2-0$/);
    expect(telegram.told).toEqual([]);
  });

  test('no answer: asked again, nine times for a membership in an hour, and up to the last attempt for an account', async () => {
    await telegram.put(ENDED);
    const silence = new TelegramCallError('no answer');
    telegram.scripted[KICK] = [silence, silence, silence];
    expect((await telegram.run(removal({ attemptNumber: 8 })))?.name).toMatch(/-9-0$/);
    expect(await telegram.run(removal({ attemptNumber: 9 }))).toBeUndefined();
    const last = removal({ because: 'account', telegramUserId: '43', reason: 'moved', attemptNumber: 50 });
    await expect(telegram.run(last)).rejects.toMatchObject({ code: 'attempts_exhausted' });
  });
});

describe('another account than that of the membership', () => {
  const other = (reason: string): OutgoingTask => removal({ because: 'account', telegramUserId: '43', reason });
  beforeEach(async () => {
    await telegram.put(someMembership());
    telegram.inside.add(43);
  });

  test('that came by its link is removed where the community wants that, whatever happens at the end of memberships', async () => {
    await telegram.setCommunity({ removal: 'off', wrongPerson: 'remove' });
    await telegram.run(other('wrong_person'));
    expect([...telegram.inside]).toEqual([42]);
    expect(telegram.told).toMatchObject([[expect.any(String), 'MemberRemoved wrong_person 43']]);
  });

  test('stays where it is only reported by now', async () => {
    await telegram.run(other('wrong_person'));
    expect(telegram.calls).toEqual([]);
  });

  test('stays when it has bought for itself meanwhile', async () => {
    await telegram.put(someMembership({ userId: 'eve', telegramUserId: '43' }));
    await telegram.run(other('moved'));
    expect(telegram.calls).toEqual([]);
  });

  test('that an administrator has banned stays banned', async () => {
    telegram.inside.delete(43);
    telegram.banned.add(43);
    await telegram.run(other('moved'));
    expect([telegram.calls, [...telegram.banned]]).toEqual([['getChatMember'], [43]]);
  });
});
