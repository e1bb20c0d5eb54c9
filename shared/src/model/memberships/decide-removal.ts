import type { CommunitySettings } from '../communities/community.ts';
import type { RemoveMemberTask } from './membership-tasks.ts';
import { belongsInside, isEnded, type Membership } from './membership.ts';
import { standingAt, type MembershipRules } from './standing.ts';
import type { RemovalGuard } from './removal-guard.ts';

/** What is known at the moment in which somebody would be removed. */
export interface RemovalFacts {
  /** That of the task; undefined: it was erased. */
  readonly membership: Membership | undefined;
  /** All that the account has in the community. */
  readonly ofAccount: readonly Membership[];
  readonly guard: Pick<RemovalGuard, 'heldSince'> | undefined;
  /** Undefined: there is no such community any more. */
  readonly community: (MembershipRules & Pick<CommunitySettings, 'wrongPerson'>) | undefined;
}

export type RemovalDecision =
  | { readonly kind: 'remove'; readonly membership: Membership }
  /** We have removed the person already, and perhaps nobody was told: the process died before. */
  | { readonly kind: 'tell'; readonly membership: Membership; readonly removedAt: string }
  /** All removals of the community wait for an operator. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'leave'; readonly because: string };

/** Whether somebody is removed, by what is so now. In doubt nobody is. */
export function decideRemoval(
  task: Pick<RemoveMemberTask, 'because' | 'reason' | 'telegramUserId'>,
  facts: RemovalFacts,
  nowMs: number,
): RemovalDecision {
  const { membership, ofAccount, guard, community } = facts;
  if (membership === undefined) return leave('no_membership');
  if (ofAccount.some(belongsInside)) return leave('belongs_inside');
  const decided =
    task.because === 'account'
      ? decideAccount(task, membership, community)
      : decideMembership(task, membership, community, nowMs);
  return decided.kind === 'remove' && guard?.heldSince !== undefined ? { kind: 'hold' } : decided;
}

/** The membership is over. */
function decideMembership(
  { telegramUserId }: Pick<RemoveMemberTask, 'telegramUserId'>,
  membership: Membership,
  community: RemovalFacts['community'],
  nowMs: number,
): RemovalDecision {
  const { isAdmitted, presence, presenceAt, departure, test } = membership;
  if (!isEnded(membership) || membership.exempt || membership.telegramUserId !== telegramUserId)
    return leave('changed');
  if (!isAdmitted) return leave('not_admitted');
  // A clock that was ahead has ended it.
  const standing = community === undefined ? undefined : standingAt(membership, community, nowMs);
  if (standing === 'covered' || standing === 'grace') return leave('not_over');
  if (presence === 'outside')
    return departure === 'removed' && presenceAt !== undefined
      ? { kind: 'tell', membership, removedAt: presenceAt }
      : leave('outside');
  // Somebody who came in again after a removal was let in by others.
  if (membership.removal?.state === 'done') return leave('removed_before');
  return test || community?.removal === 'on' ? { kind: 'remove', membership } : leave('not_wanted');
}

/** Another account than that of the membership: it came by its link, or is its former one. */
function decideAccount(
  { telegramUserId, reason }: Pick<RemoveMemberTask, 'telegramUserId' | 'reason'>,
  membership: Membership,
  community: RemovalFacts['community'],
): RemovalDecision {
  // Its own account is removed at the end of the membership, by the rules for that.
  if (membership.telegramUserId === telegramUserId) return leave('changed');
  return reason === 'wrong_person' && community?.wrongPerson !== 'remove'
    ? leave('not_wanted')
    : { kind: 'remove', membership };
}

function leave(because: string): RemovalDecision {
  return { kind: 'leave', because };
}
