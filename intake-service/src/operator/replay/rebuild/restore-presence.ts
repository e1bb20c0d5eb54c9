import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { restoredFromEvent } from '@paid-community/shared/model/memberships/membership-entry.ts';
import { newMembership } from '@paid-community/shared/model/memberships/membership-life.ts';
import type { MemberJoinedData } from '@paid-community/shared/model/memberships/member-joined.ts';
import {
  MemberLeft,
  MemberRejoined,
  MemberRemoved,
} from '@paid-community/shared/model/memberships/membership-events.ts';
import type { MembershipFacts } from '@paid-community/shared/model/memberships/membership-event-types.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import { changeAsOperator } from '../../memberships/change-as-operator.ts';
import type { OperatorCall } from '../../http/operation.ts';

/** What tells where somebody was seen after the first join. */
export const PRESENCE_EVENTS = { MemberLeft, MemberRejoined, MemberRemoved };

/**
 * Binds the account that came by the link of a membership's purchase, and notes it inside unless the store knows better.
 * A replay of the purchases brings the time that is paid for; it may come before or afterwards.
 */
export async function restoreEntry(
  joined: Pick<MemberJoinedData, 'requestId' | 'communityId' | 'userId' | 'telegramUserId' | 'membershipId' | 'test'>,
  at: string,
  call: OperatorCall,
): Promise<void> {
  const { requestId, communityId = DEFAULT_COMMUNITY, userId, telegramUserId, membershipId, test } = joined;
  if (membershipId === undefined) return;
  const told = { telegramUserId, requestId, presence: 'inside', at, isAdmitted: true } as const;
  await changeAsOperator(
    membershipId,
    communityId,
    ({ known, rules, nowMs }) =>
      restoredFromEvent(known ?? newMembership({ membershipId, communityId, userId, test }, nowMs), told, rules, nowMs),
    call,
  );
}

/** Of a membership that nobody knows there is nothing to restore: the purchases are replayed first. */
export async function restorePresence(
  { type, data, time: at }: DomainEvent<MembershipFacts>,
  call: OperatorCall,
): Promise<void> {
  const { membershipId, communityId, telegramUserId, reason } = data;
  if (telegramUserId === undefined) return;
  const left = reason === 'kicked' ? reason : 'left';
  const told =
    type === MemberRejoined.type
      ? ({ telegramUserId, at, presence: 'inside' } as const)
      : ({
          telegramUserId,
          at,
          presence: 'outside',
          departure: type === MemberRemoved.type ? 'removed' : left,
        } as const);
  await changeAsOperator(
    membershipId,
    communityId,
    ({ known, rules, nowMs }) => known && restoredFromEvent(known, told, rules, nowMs),
    call,
  );
}
