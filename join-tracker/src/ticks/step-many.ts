import { carryOutEffects } from '@paid-community/shared/memberships/change-membership.ts';
import { effectsDone, isToBeErased } from '@paid-community/shared/model/memberships/due-times.ts';
import type { MembershipRules } from '@paid-community/shared/model/memberships/standing.ts';
import { stepped } from '@paid-community/shared/model/memberships/steps.ts';
import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { changeDocuments } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import { traceparentFrom } from '@paid-community/shared/platform/trace/traceparent.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';
import { eraseMembership } from './erase-membership.ts';

type RulesOf = ReadonlyMap<string, MembershipRules>;

/**
 * Does what is due of these memberships, all of them at once: stores what becomes of them, tells it, and notes it as
 * told; erases those whose time has come. Of two ticks at once, the one that stores is the one that tells.
 *
 * @param isWanted - Asked again when somebody else has changed one since it was read.
 * @throws RetryableError; the next tick goes on.
 */
export async function stepMany(
  documents: readonly Snapshot<Membership>[],
  isWanted: (known: Membership, nowMs: number) => boolean,
  work: MembershipWork,
): Promise<void> {
  const { store, clock } = work;
  const rulesOf = await rulesOfAll(documents, work);
  const changed = await changeDocuments(store, memberships, documents, (known) => {
    const now = clock.now();
    const rules = rulesOf.get(known.communityId);
    return rules === undefined || !isWanted(known, now) ? known : stepped(known, rules, now);
  });
  await settleMany(
    changed.filter(({ effects }) => effects.length > 0),
    rulesOf,
    work,
  );
  for (const { data } of documents) {
    const rules = rulesOf.get(data.communityId);
    if (rules !== undefined && isToBeErased(data, rules, clock.now())) await eraseMembership(data, rules, work);
  }
}

async function settleMany(changed: readonly Membership[], rulesOf: RulesOf, work: MembershipWork): Promise<void> {
  const { store, clock } = work;
  const told = new Map<string, Membership['effects']>();
  const tell = async (membership: Membership): Promise<void> => {
    if (await isToldAndDone(membership, work)) told.set(membership.membershipId, membership.effects);
  };
  await Promise.all(changed.map(tell));
  const read = await Promise.all([...told.keys()].map((id) => store.get(memberships, id)));
  await changeDocuments(
    store,
    memberships,
    read.filter((snapshot) => snapshot !== undefined),
    (known) => {
      const rules = rulesOf.get(known.communityId);
      const effects = told.get(known.membershipId) ?? [];
      return rules === undefined ? known : effectsDone(known, effects, rules, clock.now());
    },
  );
}

/** What can never be told holds up nobody else. */
async function isToldAndDone(membership: Membership, work: MembershipWork): Promise<boolean> {
  try {
    await carryOutEffects(membership, traceparentFrom(undefined), work);
    return true;
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const { membershipId } = membership;
    work.log.error({ membershipId, error }, 'what became of a membership cannot be told');
    return false;
  }
}

/** Without the communities that nobody has connected. */
async function rulesOfAll(
  documents: readonly Snapshot<Membership>[],
  { rulesOf, log }: MembershipWork,
): Promise<RulesOf> {
  const found = new Map<string, MembershipRules>();
  for (const communityId of new Set(documents.map(({ data }) => data.communityId))) {
    try {
      found.set(communityId, await rulesOf(communityId));
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      log.error({ communityId, error }, 'memberships have a community that nobody has connected');
    }
  }
  return found;
}
