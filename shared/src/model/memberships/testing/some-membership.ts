import { newMembership } from '../membership-life.ts';
import { membershipIdOf, type EndedMembership, type OpenMembership } from '../membership.ts';

const STARTS_AT = '2025-12-01T00:00:00.000Z';
const ENDS_AT = '2026-01-01T00:00:00.000Z';

/** An active membership of ada, who is inside by the account 42, with what a test is about. */
export function someMembership(fields: Partial<OpenMembership> = {}): OpenMembership {
  const { communityId = 'gold', userId = 'ada', telegramUserId = '42' } = fields;
  const membershipId = membershipIdOf(communityId, { userId });
  return {
    ...newMembership({ membershipId, communityId, userId }, Date.parse(STARTS_AT)),
    state: 'active',
    telegramUserId,
    presence: 'inside',
    presenceAt: STARTS_AT,
    isAdmitted: true,
    startsAt: STARTS_AT,
    startedAt: STARTS_AT,
    endsAt: ENDS_AT,
    ...fields,
  };
}

/** The same when its time is over and its removal is asked for. */
export function someEndedMembership(fields: Partial<EndedMembership> = {}): EndedMembership {
  const { communityId, userId, telegramUserId } = fields;
  const ended = {
    state: 'expired',
    endedAt: ENDS_AT,
    endReason: 'expired',
    removal: { state: 'asked', since: ENDS_AT, at: ENDS_AT },
    removalState: 'asked',
    removalSince: ENDS_AT,
  } as const;
  const person = Object.fromEntries(
    Object.entries({ communityId, userId, telegramUserId }).filter(([, value]) => value !== undefined),
  );
  return { ...someMembership(person), ...ended, ...fields };
}
