import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import { DUE_SHARDS, memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { removalGuards } from '@paid-community/shared/model/memberships/removal-guard.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';
import { nextWithDue } from './let-removals-go.ts';

/** Many ticks. */
const OVERDUE_MS = 15 * 60_000;

/** For doctor: whether what is due is done, and whether removals wait for an operator. */
export async function examineMemberships(work: MembershipWork): Promise<readonly Finding[]> {
  return [await ticksFinding(work), await removalsFinding(work)];
}

async function ticksFinding({ store, clock }: MembershipWork): Promise<Finding> {
  const check = 'membership_ticks';
  const before = new Date(clock.now() - OVERDUE_MS).toISOString();
  const oldest = await Promise.all(
    Array.from({ length: DUE_SHARDS }, async (_, dueShard) => {
      const orderBy = { field: 'dueAt', direction: 'ascending', before } as const;
      const { documents } = await store.query({ collection: memberships, where: { dueShard }, orderBy, limit: 1 });
      return documents[0]?.data.dueAt;
    }),
  );
  const [dueAt] = oldest.filter((each) => each !== undefined).toSorted();
  if (dueAt === undefined)
    return {
      check,
      state: 'ok',
      meaning: 'What is due of memberships is done: nobody is inside for longer than paid for',
    };
  return {
    check,
    state: 'failing',
    meaning: `What was due of memberships at ${dueAt} is not done yet: reminders, ends and removals are late`,
    advice:
      'Look into the log of join-tracker for errors of ticks, and whether the clock of its machine is right. On Google Cloud, look whether the job membership-tick of Cloud Scheduler runs',
  };
}

async function removalsFinding(work: MembershipWork): Promise<Finding> {
  const check = 'held_removals';
  const held = await heldRemovals(work);
  if (held.length === 0) return { check, state: 'ok', meaning: 'No removal waits for an operator' };
  const where = held.map(({ communityId, count, since }) => `${count} in the community ${communityId} since ${since}`);
  return {
    check,
    state: 'failing',
    meaning: `More people are to be removed than the breaker allows, so that nobody is: ${where.join('; ')}`,
    advice:
      'See who they are with "npm run ops -- removals list". If that is right, let them go with "npm run ops -- removals release"; if not, find out what has ended their time',
  };
}

interface Held {
  readonly communityId: string;
  readonly count: number;
  readonly since: string;
}

/** A read or two for each community that has somebody to be removed. */
export async function heldRemovals({ store }: Pick<MembershipWork, 'store'>): Promise<readonly Held[]> {
  const held: Held[] = [];
  let communityId = await nextWithDue('', { store });
  while (communityId !== undefined) {
    const { heldSince: since, heldDue: count = 0 } = (await store.get(removalGuards, communityId))?.data ?? {};
    if (since !== undefined) held.push({ communityId, count, since });
    communityId = await nextWithDue(communityId, { store });
  }
  return held;
}
