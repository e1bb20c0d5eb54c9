import { membershipEventName } from '@paid-community/shared/model/emissions/emission.ts';
import type {
  MembershipEventType,
  MembershipFacts,
} from '@paid-community/shared/model/memberships/membership-event-types.ts';
import { daysUntil } from '@paid-community/shared/model/memberships/standing.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { isStillSo } from '@paid-community/shared/model/memberships/still-so.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { Attributes } from '../webengage/client.ts';
import { nameOfCommunity } from './community-attributes.ts';
import { emitOnce, type EmitDeps, type Emitted } from './emit-once.ts';

/** WebEngage takes strings under 1,000 characters, and an operator may have written a long reason. */
const MAX_REASON_CHARACTERS = 999;

export type MembershipNotTold = 'superseded' | 'erased' | 'no_user';

/** Tells WebEngage what became of a membership, unless it has become untrue meanwhile. */
export async function reportMembershipEvent(
  type: MembershipEventType,
  event: DomainEvent<MembershipFacts>,
  deps: EmitDeps,
): Promise<Emitted | MembershipNotTold> {
  const { membershipId, communityId, userId, requestId } = event.data;
  const reason = await whyNotTold(type, event, deps);
  if (reason !== undefined) {
    deps.log.info({ eventId: event.id, membershipId, outcome: reason }, 'emission');
    return reason;
  }
  return emitOnce(
    {
      requestId,
      membershipId,
      communityId,
      event: {
        eventId: event.id,
        userId,
        eventName: membershipEventName(type),
        eventTime: new Date(event.time),
        eventData: await attributesOf(type, event.data, deps),
      },
    },
    deps,
  );
}

async function whyNotTold(
  type: MembershipEventType,
  event: DomainEvent<MembershipFacts>,
  { store, clock }: EmitDeps,
): Promise<MembershipNotTold | undefined> {
  const { membershipId, userId, test } = event.data;
  // Imported by the Telegram account alone: WebEngage does not know the person.
  if (userId === '') return 'no_user';
  const membership = (await store.get(memberships, membershipId))?.data;
  // Whoever was erased is told of no more. A test journey is erased right after its last event.
  if (membership === undefined) return test === true ? undefined : 'erased';
  return isStillSo(type, event, membership, clock.now()) ? undefined : 'superseded';
}

async function attributesOf(
  type: MembershipEventType,
  facts: MembershipFacts,
  { communities, clock }: EmitDeps,
): Promise<Attributes> {
  const { communityId, planId, planName, transactionId, telegramUserId, endsAt, reason, test } = facts;
  return {
    communityId,
    communityName: await nameOfCommunity(communityId, communities),
    planId,
    planName,
    transactionId,
    telegramUserId,
    expiresAt: endsAt === undefined ? undefined : new Date(endsAt),
    // As it is now: the event may have waited.
    daysLeft: type === 'MembershipExpiring' && endsAt !== undefined ? daysUntil(endsAt, clock.now()) : facts.daysLeft,
    reason: reason?.slice(0, MAX_REASON_CHARACTERS),
    test,
  };
}
