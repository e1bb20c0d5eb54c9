import { hash } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { defineTask } from '../../platform/delivery/define-task.ts';
import type { OutgoingTask } from '../../platform/ports/task-queue.ts';
import { approvalQueue, memberQueue, poolQueue } from '../queues.ts';
import { isEnded, type Membership } from './membership.ts';

const Id = Type.String({ minLength: 1 });
const counted = {
  /** 1-based. */
  attemptNumber: Type.Integer({ minimum: 1 }),
  /** How often it was put back, because its call had no turn yet. */
  deferrals: Type.Integer({ minimum: 0 }),
  traceparent: Type.String(),
};
/** Names of tasks are in logs, where the number of an account may not be. */
const accountTag = ({ communityId, telegramUserId }: { communityId: string; telegramUserId: string }): string =>
  hash('sha256', JSON.stringify([communityId, telegramUserId])).slice(0, 16);
const countedName = ({ attemptNumber, deferrals }: { attemptNumber: number; deferrals: number }): string =>
  `${attemptNumber}-${deferrals}`;

/** What was decided of a join request. The call is repeatable: an answered request is as good. */
export type AnswerJoinRequestTask = Static<typeof AnswerData>;

const AnswerData = Type.Object({
  ...counted,
  communityId: Id,
  chatId: Id,
  telegramUserId: Id,
  /** When the person asked, by Telegram. */
  requestedAt: Id,
  approve: Type.Boolean(),
  /** Of a decline. */
  reason: Type.Optional(Type.String()),
  /** The membership that it was approved for, or whose link the person came by. */
  membershipId: Type.Optional(Id),
});

export const AnswerJoinRequest = defineTask({
  type: 'answer-join-request',
  queue: approvalQueue,
  data: AnswerData,
  nameOf: (task) =>
    `join-${task.communityId}-${accountTag(task)}-${Date.parse(task.requestedAt)}-${task.approve ? 'y' : 'n'}-${countedName(task)}`,
});

/**
 * The command "this account is not to be inside": the handler reads all memberships of the account again before it
 * asks Telegram, and does nothing when one of them belongs inside.
 */
export type RemoveMemberTask = Static<typeof RemoveData>;

const RemoveData = Type.Object({
  ...counted,
  communityId: Id,
  telegramUserId: Id,
  /** The membership that ended, or through whose purchase the account came. */
  membershipId: Id,
  /** membership: it ended; account: another account came by its link, or it was moved to another account. */
  because: Type.Union([Type.Literal('membership'), Type.Literal('account')]),
  /**
   * Tells one end from another: `removal.since` of the membership, or when it was decided of the account. Asked again
   * while a task of the same end waits for its turn, it becomes that task.
   */
  since: Id,
  reason: Type.String(),
});

export const RemoveMember = defineTask({
  type: 'remove-member',
  queue: memberQueue,
  data: RemoveData,
  nameOf: (task) => `remove-${task.membershipId}-${accountTag(task)}-${Date.parse(task.since)}-${countedName(task)}`,
});

/** Undefined when nobody is to be removed. The same end has the same name, as long as the queue knows it. */
export function removalTask(membership: Membership, traceparent: string): OutgoingTask | undefined {
  const { communityId, membershipId, telegramUserId } = membership;
  if (!isEnded(membership) || membership.removal === undefined || telegramUserId === undefined) return undefined;
  const { since } = membership.removal;
  const of = { communityId, membershipId, telegramUserId, since, reason: membership.endReason } as const;
  return RemoveMember.toQueueTask({ ...of, because: 'membership', attemptNumber: 1, deferrals: 0, traceparent });
}

/** The command "nobody may come in by the links of this purchase any more". */
export type RevokeInviteLinkTask = Static<typeof RevokeData>;

const RevokeData = Type.Object({
  ...counted,
  requestId: Id,
  because: Type.String(),
  /** When it was decided. */
  since: Id,
});

export const RevokeInviteLink = defineTask({
  type: 'revoke-invite-link',
  queue: poolQueue,
  data: RevokeData,
  nameOf: (task) => `revoke-${task.requestId}-${task.because}-${Date.parse(task.since)}-${countedName(task)}`,
});
