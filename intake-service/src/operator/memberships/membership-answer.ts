import { isEnded, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';
import { describeRemoval, RemovalAnswer } from '../removals/removal-answer.ts';

export const membershipStates = ['pending', 'active', 'grace', 'expired', 'revoked'] as const;

const fields = {
  membershipId: Type.String(),
  communityId: Type.String(),
  userId: Type.String({ description: 'empty when the person was imported by the Telegram account alone' }),
  telegramUserId: Type.Optional(Type.String({ description: 'the account that is bound; absent until one is' })),
  planId: Type.Optional(Type.String()),
  state: Type.Enum(membershipStates, {
    description:
      'pending = paid, and nobody came in yet; grace = the time is over, and the grace is not; revoked = taken back',
  }),
  presence: Type.Enum(['inside', 'outside', 'unknown'], { description: 'of the account, as Telegram told it last' }),
  startsAt: Type.Optional(Type.String({ description: 'absent when nothing is paid for any more' })),
  endsAt: Type.Optional(Type.String({ description: 'absent: no end, or nothing is paid for any more' })),
  exempt: Type.Boolean({ description: 'never removed' }),
  test: Type.Boolean({ description: 'a test journey: no part of any count' }),
};

export const MembershipSummary = Type.Object(fields);

export const MembershipAnswer = Type.Object({
  ...fields,
  planName: Type.Optional(Type.String()),
  transactionId: Type.Optional(Type.String()),
  requestId: Type.Optional(Type.String({ description: 'the purchase by whose link the person comes in' })),
  presenceAt: Type.Optional(Type.String()),
  departure: Type.Optional(
    Type.Enum(['left', 'kicked', 'removed'], {
      description: 'how the person went out; kicked = by an administrator, which is respected',
    }),
  ),
  admitted: Type.Boolean({ description: 'came in by us, or was imported; nobody else is ever removed' }),
  cancelledAt: Type.Optional(Type.String()),
  endedAt: Type.Optional(Type.String()),
  endReason: Type.Optional(Type.String()),
  removal: Type.Optional(RemovalAnswer),
  nextAt: Type.Optional(Type.String({ description: 'when something is to happen by itself' })),
  untold: Type.Integer({ description: 'what it brought about and is not told or done yet; the next tick does it' }),
  createdAt: Type.String(),
  updatedAt: Type.String(),
});

export function summarizeMembership(known: Membership): Written<Static<typeof MembershipSummary>> {
  const { membershipId, communityId, userId, telegramUserId, planId, state, presence } = known;
  const { startsAt, endsAt, exempt, test } = known;
  return {
    membershipId,
    communityId,
    userId,
    telegramUserId,
    planId,
    state,
    presence,
    startsAt,
    endsAt,
    exempt,
    test,
  };
}

/** @param heldSince - Since when removals of its community are held. */
export function describeMembership(
  known: Membership,
  heldSince: string | undefined,
): Written<Static<typeof MembershipAnswer>> {
  const { planName, transactionId, requestId, presenceAt, departure, cancelledAt, createdAt, updatedAt } = known;
  const ended = isEnded(known) ? known : undefined;
  return {
    ...summarizeMembership(known),
    planName,
    transactionId,
    requestId,
    presenceAt,
    departure,
    admitted: known.isAdmitted,
    cancelledAt,
    endedAt: ended?.endedAt,
    endReason: ended?.endReason,
    removal: describeRemoval(ended, heldSince),
    nextAt: known.dueAt,
    untold: known.effects.length,
    createdAt,
    updatedAt,
  };
}
