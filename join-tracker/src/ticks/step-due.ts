import { isDue } from '@paid-community/shared/model/memberships/due-times.ts';
import { DUE_SHARDS, memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { Page } from '@paid-community/shared/platform/ports/document-store.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';
import { stepMany } from './step-many.ts';

/** Small enough that a purchase that comes meanwhile waits for some milliseconds only. */
const CHUNK = 100;
const MINUTE_MS = 60_000;

/**
 * Does what is due of all memberships. False when the time was up before: the next tick goes on.
 * @throws RetryableError
 */
export async function stepDue(work: MembershipWork, isTimeUp: () => boolean): Promise<boolean> {
  // Not always the same one first, so that none is left out while there is more to do than a tick can.
  const first = Math.floor(work.clock.now() / MINUTE_MS) % DUE_SHARDS;
  for (let each = 0; each < DUE_SHARDS; each += 1)
    if (!(await stepShard((first + each) % DUE_SHARDS, work, isTimeUp))) return false;
  return true;
}

async function stepShard(dueShard: number, work: MembershipWork, isTimeUp: () => boolean): Promise<boolean> {
  const before = new Date(work.clock.now() + 1).toISOString();
  let cursor: string | undefined;
  do {
    if (isTimeUp()) return false;
    // By the cursor: what cannot be done keeps its place, and nothing else waits for it.
    const page: Page<Membership> = await work.store.query({
      collection: memberships,
      where: { dueShard },
      orderBy: { field: 'dueAt', direction: 'ascending', before },
      limit: CHUNK,
      cursor,
    });
    await stepMany(page.documents, isDue, work);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return true;
}
