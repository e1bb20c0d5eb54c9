import { decideRemoval, type RemovalDecision } from '@paid-community/shared/model/memberships/decide-removal.ts';
import { MemberRemoved, RemovalFailed } from '@paid-community/shared/model/memberships/membership-events.ts';
import { factsOf } from '@paid-community/shared/model/memberships/membership-facts.ts';
import { isEnded, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { RemoveMember, type RemoveMemberTask } from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { explainError } from '@paid-community/shared/outside-errors/explain-error.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { ServingBot } from '../bots/serving-bot.ts';
import type { CallOutcome } from '../calls/make-call.ts';
import { classifyCallFailure } from '../calls/classify-failure.ts';
import { makeMemberCall, type MemberDeps } from './member-calls.ts';
import { membershipNow } from './membership-now.ts';
import { readForRemoval } from './read-for-removal.ts';
import { seeMember } from './see-member.ts';
import type { TelegramTime } from './telegram-time.ts';

const METHOD = 'unbanChatMember';
/** So many attempts take less than an hour. Then the tick asks anew. */
const ATTEMPTS_OF_ONE_ASKING = 9;
/** Removals of accounts that are held are looked at again so late. */
const HELD_MS = 600_000;

export interface RemovalDeps extends MemberDeps {
  readonly telegramTime: TelegramTime;
}

interface Removed {
  readonly membership: Membership;
  /** By Telegram's clock, where it said the time. */
  readonly at: string;
}

type NotRemoved = Exclude<RemovalDecision, { readonly kind: 'remove' }>;

/**
 * Removes somebody, by one call that kicks and leaves nobody banned
 * (https://core.telegram.org/bots/api#unbanchatmember). It would kick a present member of any kind, so all that decides
 * is read again after the turn was waited for, just before the call. Returns the task that follows; undefined when none
 * does. It can be repeated.
 *
 * The race that remains: a renewal that is recorded while the call is on its way. The membership then asks for another
 * link.
 * @throws RetryableError when store or bus do not answer, or this machine's clock is wrong; PermanentError when the
 * community is not connected, or the last attempt for an account has failed.
 */
export async function removeMember(task: RemoveMemberTask, deps: RemovalDeps): Promise<OutgoingTask | undefined> {
  const { communityId, membershipId, because, reason, since, attemptNumber, deferrals } = task;
  const outcome = await makeMemberCall<Removed, NotRemoved>(
    {
      turn: { communityId, callClass: 'removal', since: Date.parse(since) },
      attemptNumber,
      line: {
        message: 'removal',
        fields: { communityId, membershipId, because, reason, deferrals },
        done: () => ({ outcome: 'removed' }),
      },
      decide: async ({ bot }) => {
        // A clock that is ahead ends what is not over.
        await deps.telegramTime.check(bot);
        const decision = decideRemoval(task, await readForRemoval(task, deps), deps.clock.now());
        if (decision.kind !== 'remove') return { instead: decision };
        return { call: { method: METHOD, make: (by) => remove(by, task, decision.membership, deps) } };
      },
    },
    { ...deps, limits: limitsOf(task, deps) },
  );
  return outcome.kind === 'refrained' ? afterDecision(task, outcome.instead, deps) : afterCall(task, outcome, deps);
}

/** The removal of a membership is asked for each hour until it is done; that of another account only once. */
function limitsOf({ because }: RemoveMemberTask, { limits }: MemberDeps): MemberDeps['limits'] {
  const maxAttempts = Math.min(ATTEMPTS_OF_ONE_ASKING, limits.maxAttempts);
  return because === 'membership' ? { ...limits, maxAttempts } : limits;
}

async function remove(
  by: ServingBot,
  { because, telegramUserId }: RemoveMemberTask,
  membership: Membership,
  { clock, telegramTime }: RemovalDeps,
): Promise<Removed> {
  let serverTimeMs: number | undefined;
  const removed = (): Removed => ({ membership, at: new Date(serverTimeMs ?? clock.now()).toISOString() });
  // The call would lift the ban of an administrator. Somebody whom updates have shown inside is not banned.
  const isSeenInside = because === 'membership' && membership.presence === 'inside';
  if (!isSeenInside && (await seeMember(by, telegramUserId)) === 'banned') return removed();
  try {
    const onServerTime = (ms: number): void => {
      serverTimeMs = ms;
      telegramTime.noted(ms);
    };
    await by.call(METHOD, { user_id: Number(telegramUserId) }, { onServerTime });
  } catch (error) {
    const isGone = classifyCallFailure(error, METHOD).kind === 'already_done';
    if (!isGone || (await seeMember(by, telegramUserId)) === 'inside') throw error;
  }
  return removed();
}

async function afterDecision(
  task: RemoveMemberTask,
  decision: NotRemoved,
  deps: MemberDeps,
): Promise<OutgoingTask | undefined> {
  const { membershipId, because } = task;
  switch (decision.kind) {
    case 'tell':
      await tellRemoved(task, { membership: decision.membership, at: decision.removedAt }, deps);
      return undefined;
    case 'hold':
      deps.log.info({ membershipId, because, outcome: 'held' }, 'removal');
      return because === 'membership' ? undefined : putBack(task, new Date(deps.clock.now() + HELD_MS));
    case 'leave':
      deps.log.info({ membershipId, because, outcome: 'left', why: decision.because }, 'removal');
      return undefined;
  }
}

async function afterCall(
  task: RemoveMemberTask,
  outcome: CallOutcome<Removed>,
  deps: MemberDeps,
): Promise<OutgoingTask | undefined> {
  const isAskedAgain = task.because === 'membership';
  switch (outcome.kind) {
    case 'done':
      await tellRemoved(task, outcome.result, deps);
      return undefined;
    case 'put_back':
      return putBack(task, outcome.notBefore);
    case 'retry_at': {
      // A right that is missing is not there a moment later.
      if (isAskedAgain && outcome.because === 'needs_administrator') return undefined;
      const { made, nextAt = deps.clock.now() } = outcome.attempts;
      return RemoveMember.toQueueTask({ ...task, attemptNumber: made + 1, deferrals: 0 }, new Date(nextAt));
    }
    case 'given_up':
      if (outcome.because === 'refused' || outcome.because === 'needs_user') {
        const { code, message } = outcome.attempts.failures.at(-1) ?? outcome.error;
        await tellFailed(task, explainError({ code, message }, METHOD)?.meaning ?? message, deps);
        return undefined;
      }
      if (isAskedAgain) return undefined;
      throw outcome.error;
  }
}

function putBack(task: RemoveMemberTask, notBefore: Date): OutgoingTask {
  return RemoveMember.toQueueTask({ ...task, deferrals: task.deferrals + 1 }, notBefore);
}

async function tellRemoved(
  task: RemoveMemberTask,
  { membership, at }: Removed,
  { eventBus }: MemberDeps,
): Promise<void> {
  const event = MemberRemoved.create({ ...factOf(task, membership, task.reason), time: at });
  await MemberRemoved.publish(eventBus, event);
}

/** Telegram does not allow it. */
async function tellFailed(
  task: RemoveMemberTask,
  problem: string,
  { store, eventBus, clock, log }: MemberDeps,
): Promise<void> {
  const { communityId, membershipId } = task;
  log.warn({ communityId, membershipId, problem, outcome: 'impossible' }, 'removal failed');
  const membership = await membershipNow(membershipId, store);
  if (membership === undefined) return;
  const time = new Date(clock.now()).toISOString();
  await RemovalFailed.publish(eventBus, RemovalFailed.create({ ...factOf(task, membership, problem), time }));
}

/** The same end of the same membership is the same fact, however often it is asked for. */
function factOf(
  { telegramUserId, because, since, traceparent }: RemoveMemberTask,
  membership: Membership,
  reason: string,
): Omit<Parameters<typeof MemberRemoved.create>[0], 'time'> {
  const endedAt = because === 'membership' && isEnded(membership) ? membership.endedAt : since;
  const data = { ...factsOf(membership), telegramUserId, reason };
  return { generation: Date.parse(endedAt), traceparent, data };
}
