import { removalAsked } from '@paid-community/shared/model/memberships/account-life.ts';
import type { MembershipRules } from '@paid-community/shared/model/memberships/standing.ts';
import { removalTask, RemoveMember } from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import {
  judged,
  openGuard,
  removalGuards,
  removalsWithin,
  withLetGo,
} from '@paid-community/shared/model/memberships/removal-guard.ts';
import { changeDocument, withWrites } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { updateDocument, type Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { ConflictError } from '@paid-community/shared/platform/ports/errors.ts';
import { traceparentFrom } from '@paid-community/shared/platform/trace/traceparent.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';

/** Small enough that a purchase that comes meanwhile waits for some milliseconds only. */
const CHUNK = 50;
/** Somebody else changes the same memberships: the next tick sees to those that are left. */
const CHUNK_ATTEMPTS = 5;

/**
 * Has those asked out whose removal is due, in the order of their end, where the breaker of the community lets them go.
 *
 * @param follow - The communities whose memberships follow their settings: in no other one is anybody removed.
 * @throws RetryableError; the next tick goes on.
 */
export async function letRemovalsGo(
  follow: ReadonlySet<string>,
  work: MembershipWork,
  isTimeUp: () => boolean,
): Promise<void> {
  for (let after = ''; !isTimeUp();) {
    const communityId = await nextWithDue(after, work);
    if (communityId === undefined) return;
    // A community that is not connected has no bot that could remove anybody.
    const isReady = follow.has(communityId) && (await work.communities.get(communityId))?.state === 'connected';
    if (isReady && (await mayGo(communityId, work))) await letGo(communityId, work, isTimeUp);
    after = communityId;
  }
}

/** The next community that has somebody to be removed: a read for each, whatever the number of communities. */
export async function nextWithDue(
  after: string,
  { store }: Pick<MembershipWork, 'store'>,
): Promise<string | undefined> {
  const { documents } = await store.query({
    collection: memberships,
    where: { removalState: 'due' },
    // Ids have no spaces: what comes after "one" and one is another community.
    orderBy: { field: 'communityId', direction: 'ascending', from: `${after} ` },
    limit: 1,
  });
  return documents[0]?.data.communityId;
}

/** Counts all of them before the first goes. */
async function mayGo(communityId: string, { store, clock, breaker, log }: MembershipWork): Promise<boolean> {
  const due = await store.count({ collection: memberships, where: { communityId, removalState: 'due' } });
  const now = clock.now();
  const guard = await changeDocument(store, removalGuards, communityId, async (known) => {
    const isMany = removalsWithin(known, due, now) > breaker.least;
    const inside = isMany
      ? await store.count({ collection: memberships, where: { communityId, presence: 'inside' } })
      : 0;
    const next = judged(known, { communityId, due, inside }, breaker, now);
    return next === known ? undefined : next;
  });
  const { heldSince, heldInside } = guard ?? {};
  if (heldSince === new Date(now).toISOString())
    log.error(
      {
        communityId,
        due,
        inside: heldInside,
        outcome: 'held',
        hint: 'More people are to be removed than the breaker allows. Look at them with "npm run ops -- removals list", then release them',
      },
      'removals of a community',
    );
  return heldSince === undefined;
}

async function letGo(communityId: string, work: MembershipWork, isTimeUp: () => boolean): Promise<void> {
  const rules = await work.rulesOf(communityId);
  let lost = 0;
  while (!isTimeUp() && lost < CHUNK_ATTEMPTS) {
    const { documents } = await work.store.query({
      collection: memberships,
      where: { communityId, removalState: 'due' },
      orderBy: { field: 'removalSince', direction: 'ascending' },
      limit: CHUNK,
    });
    if (documents.length === 0) return;
    for (const { data } of documents) await ask(data, work);
    const outcome = await noteAsked(communityId, documents, rules, work);
    if (outcome === 'held') return;
    if (outcome === 'lost') lost += 1;
    else if (documents.length < CHUNK) return;
  }
}

/** Asked again before that is noted, it is the same task. */
async function ask(membership: Membership, { taskQueue }: MembershipWork): Promise<void> {
  const task = removalTask(membership, traceparentFrom(undefined));
  if (task !== undefined) await taskQueue.enqueue(RemoveMember.queue, task);
}

/** They count in the same commit, so that two ticks at once let no more go than the breaker allows. */
async function noteAsked(
  communityId: string,
  documents: readonly Snapshot<Membership>[],
  rules: MembershipRules,
  { store, clock }: MembershipWork,
): Promise<'noted' | 'held' | 'lost'> {
  const now = clock.now();
  const writes = documents.map((read) => updateDocument(memberships, read, removalAsked(read.data, rules, now)));
  try {
    const guard = await changeDocument(
      store,
      removalGuards,
      communityId,
      (known) =>
        known?.heldSince === undefined
          ? withWrites(withLetGo(known ?? openGuard(communityId, now), writes.length, now), writes)
          : undefined,
      { attempts: 1 },
    );
    return guard?.heldSince === undefined ? 'noted' : 'held';
  } catch (error) {
    if (error instanceof ConflictError) return 'lost';
    throw error;
  }
}
