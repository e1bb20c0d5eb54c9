import { entryRefusal } from '@paid-community/shared/model/memberships/entry-refusal.ts';
import {
  JoinRequestApproved,
  JoinRequestDeclined,
} from '@paid-community/shared/model/memberships/membership-events.ts';
import { factsOf } from '@paid-community/shared/model/memberships/membership-facts.ts';
import type { Membership } from '@paid-community/shared/model/memberships/membership.ts';
import {
  AnswerJoinRequest,
  type AnswerJoinRequestTask,
} from '@paid-community/shared/model/memberships/membership-tasks.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { ServingBot } from '../bots/serving-bot.ts';
import { classifyCallFailure } from '../calls/classify-failure.ts';
import { makeMemberCall, type MemberCall, type MemberDeps } from './member-calls.ts';
import { membershipNow } from './membership-now.ts';
import { seeMember } from './see-member.ts';

/** gone: the person took the request back, or others answered it. */
interface Answer {
  readonly outcome: 'approved' | 'declined' | 'gone';
  /** Of a decline. */
  readonly reason?: string | undefined;
}

interface AnswerToTell extends Answer {
  /** Undefined: of somebody who is nobody's buyer there is nobody to tell. */
  readonly membership: Membership | undefined;
}

/** Only the person can mend that; the request stays open. */
const TOO_MANY_CHATS = 'too_many_chats';

/**
 * Answers a join request as it was decided. Whether the person still may come in is read again just before the call: an
 * approval may have waited for days. Returns the task that follows; undefined when none does. It can be repeated: a
 * request that is answered already is as good.
 * @throws RetryableError when store or bus do not answer; PermanentError when the community is not connected, or an
 * approval was given up.
 */
export async function answerJoinRequest(
  task: AnswerJoinRequestTask,
  deps: MemberDeps,
): Promise<OutgoingTask | undefined> {
  const { communityId, membershipId, requestedAt, attemptNumber, deferrals } = task;
  const outcome = await makeMemberCall<AnswerToTell, never>(
    {
      turn: { communityId, callClass: 'approval', since: Date.parse(requestedAt) },
      attemptNumber,
      line: {
        message: 'join request',
        fields: { communityId, membershipId, deferrals },
        done: ({ outcome: answered, reason }) => ({ outcome: answered, reason }),
      },
      decide: async () => {
        const membership = await membershipNow(membershipId, deps.store);
        const refusal = task.approve ? refusalNow(task, membership) : task.reason;
        const approves = task.approve && refusal === undefined;
        const { method, make } = approves ? approval(task) : decline(task, refusal);
        return { call: { method, make: async (by) => ({ ...(await make(by)), membership }) } };
      },
    },
    deps,
  );
  switch (outcome.kind) {
    case 'refrained':
      return undefined;
    case 'done':
      await tell(task, outcome.result, deps);
      return undefined;
    case 'put_back':
      return AnswerJoinRequest.toQueueTask({ ...task, deferrals: deferrals + 1 }, outcome.notBefore);
    case 'retry_at': {
      const { made, nextAt = deps.clock.now() } = outcome.attempts;
      return AnswerJoinRequest.toQueueTask({ ...task, attemptNumber: made + 1, deferrals: 0 }, new Date(nextAt));
    }
    case 'given_up':
      if (outcome.because === 'needs_user') {
        const membership = await membershipNow(membershipId, deps.store);
        await tell(task, { outcome: 'declined', reason: TOO_MANY_CHATS, membership }, deps);
      } else if (task.approve) throw outcome.error;
      return undefined;
  }
}

/** Why the person is not let in any more; undefined: all is as it was decided. */
function refusalNow(
  { membershipId, telegramUserId }: AnswerJoinRequestTask,
  membership: Membership | undefined,
): string | undefined {
  if (membershipId === undefined) return undefined;
  return membership === undefined ? 'no_membership' : entryRefusal(membership, telegramUserId);
}

function approval({ telegramUserId }: AnswerJoinRequestTask): MemberCall<Answer> {
  const method = 'approveChatJoinRequest';
  return {
    method,
    make: async (by) => {
      const isDone = await answered(by, method, telegramUserId);
      // We, before a crash, or an administrator: the person is in.
      const isIn = isDone || (await seeMember(by, telegramUserId)) === 'inside';
      return { outcome: isIn ? 'approved' : 'gone' };
    },
  };
}

function decline({ telegramUserId }: AnswerJoinRequestTask, reason: string | undefined): MemberCall<Answer> {
  const method = 'declineChatJoinRequest';
  return {
    method,
    make: async (by) => {
      const isDone = await answered(by, method, telegramUserId);
      const isIn = !isDone && (await seeMember(by, telegramUserId)) === 'inside';
      return isIn ? { outcome: 'gone' } : { outcome: 'declined', reason };
    },
  };
}

/** False: there is no such request any more. */
async function answered(by: ServingBot, method: string, telegramUserId: string): Promise<boolean> {
  try {
    await by.call(method, { user_id: Number(telegramUserId) });
    return true;
  } catch (error) {
    if (classifyCallFailure(error, method).kind !== 'already_done') throw error;
    return false;
  }
}

async function tell(
  { telegramUserId, requestedAt, traceparent }: AnswerJoinRequestTask,
  { outcome, reason, membership }: AnswerToTell,
  { eventBus, clock }: MemberDeps,
): Promise<void> {
  if (outcome === 'gone' || membership === undefined) return;
  const definition = outcome === 'approved' ? JoinRequestApproved : JoinRequestDeclined;
  const event = definition.create({
    // The same request is the same fact, however often it is answered.
    generation: Date.parse(requestedAt),
    time: new Date(clock.now()).toISOString(),
    traceparent,
    data: { ...factsOf(membership), telegramUserId, ...(reason === undefined ? {} : { reason }) },
  });
  await definition.publish(eventBus, event);
}
