import { LinkNeeded } from '../model/links/link-needed.ts';
import { effectsDone } from '../model/memberships/due-times.ts';
import type { MembershipRules } from '../model/memberships/standing.ts';
import { membershipEventDefinitions } from '../model/memberships/membership-events.ts';
import { removalTask, RemoveMember, RevokeInviteLink } from '../model/memberships/membership-tasks.ts';
import type { Effect } from '../model/memberships/membership-effect.ts';
import { memberships, type Membership } from '../model/memberships/membership.ts';
import type { Clock } from '../platform/ports/clock.ts';
import { changeDocument, withWrites } from '../platform/ports/conditional-writes.ts';
import type { DocumentStore, Snapshot, Write } from '../platform/ports/document-store.ts';
import type { EventBus } from '../platform/ports/event-bus.ts';
import type { TaskQueue } from '../platform/ports/task-queue.ts';

export interface MembershipDeps {
  readonly store: DocumentStore;
  readonly eventBus: EventBus;
  readonly taskQueue: TaskQueue;
  readonly clock: Clock;
  /** What the community wants now. */
  readonly rulesOf: (communityId: string) => Promise<MembershipRules>;
}

/** Purchases, joins and ticks of one person may come at once, and each writes twice. */
const ATTEMPTS = 20;

/** Undefined, or what it was given: it stays as it is. */
export type MembershipChange =
  Membership | { readonly membership: Membership; readonly writes: readonly Write[] } | undefined;

/**
 * The one way of changing a membership: reads it, stores what `change` makes of it together with what that brings about,
 * then tells and does that, and notes that it is done. When the process dies between, the next change of it or the next
 * tick goes on. Events have ids by which a second telling is known.
 *
 * Returns the membership as it stands; undefined when there is none.
 * @throws RetryableError when store, bus or queue do not answer; ConflictError when others change it without end.
 */
export async function changeMembership(
  from: string | Snapshot<Membership>,
  change: (known: Membership | undefined, rules: MembershipRules) => MembershipChange | Promise<MembershipChange>,
  communityId: string,
  traceparent: string,
  deps: MembershipDeps,
): Promise<Membership | undefined> {
  const rules = await deps.rulesOf(communityId);
  const changed = await storeChange(from, change, rules, deps.store);
  return changed === undefined ? undefined : settleEffects(changed, rules, traceparent, deps);
}

/** The first half: what it brings about is left to `settleEffects`, or to the next tick. @throws as the store */
export function storeChange(
  from: string | Snapshot<Membership>,
  change: (known: Membership | undefined, rules: MembershipRules) => MembershipChange | Promise<MembershipChange>,
  rules: MembershipRules,
  store: DocumentStore,
): Promise<Membership | undefined> {
  return changeDocument(
    store,
    memberships,
    from,
    async (known) => {
      const next = await change(known, rules);
      if (next === known) return undefined;
      return next !== undefined && 'writes' in next ? withWrites(next.membership, next.writes) : next;
    },
    { attempts: ATTEMPTS },
  );
}

/** Tells and does what a membership has brought about, in its order. */
export async function settleEffects(
  membership: Membership,
  rules: MembershipRules,
  traceparent: string,
  deps: MembershipDeps,
): Promise<Membership> {
  const { effects, membershipId } = membership;
  if (effects.length === 0) return membership;
  await carryOutEffects(membership, traceparent, deps);
  const settled = await storeChange(
    membershipId,
    (known) => (known === undefined ? undefined : effectsDone(known, effects, rules, deps.clock.now())),
    rules,
    deps.store,
  );
  return settled ?? membership;
}

/** Once more for what a crash left: events have ids, tasks names. */
export async function carryOutEffects(
  membership: Membership,
  traceparent: string,
  deps: Pick<MembershipDeps, 'eventBus' | 'taskQueue' | 'clock'>,
): Promise<void> {
  for (const effect of membership.effects) await carryOut(effect, membership, traceparent, deps);
}

async function carryOut(
  effect: Effect,
  membership: Membership,
  traceparent: string,
  { eventBus, taskQueue, clock }: Pick<MembershipDeps, 'eventBus' | 'taskQueue' | 'clock'>,
): Promise<void> {
  const { membershipId, communityId } = membership;
  const at = new Date(clock.now()).toISOString();
  switch (effect.kind) {
    case 'publish': {
      const { type, generation, time, facts } = effect;
      const definition = membershipEventDefinitions[type];
      await definition.publish(eventBus, definition.create({ generation, time, traceparent, data: facts }));
      return;
    }
    case 'make_link': {
      const { requestId, generation: number } = effect;
      const event = LinkNeeded.create({ time: at, traceparent, data: { requestId, communityId, number } });
      await LinkNeeded.publish(eventBus, event);
      return;
    }
    case 'revoke_link': {
      const { requestId, because, at: since } = effect;
      const task = { requestId, because, since, attemptNumber: 1, deferrals: 0, traceparent };
      await taskQueue.enqueue(RevokeInviteLink.queue, RevokeInviteLink.toQueueTask(task));
      return;
    }
    case 'ask_removal_again': {
      const task = removalTask(membership, traceparent);
      if (task !== undefined) await taskQueue.enqueue(RemoveMember.queue, task);
      return;
    }
    case 'remove_account': {
      const { telegramUserId, because: reason, at: since } = effect;
      const task = { communityId, membershipId, telegramUserId, because: 'account', reason } as const;
      await taskQueue.enqueue(
        RemoveMember.queue,
        RemoveMember.toQueueTask({ ...task, since, attemptNumber: 1, deferrals: 0, traceparent }),
      );
    }
  }
}
