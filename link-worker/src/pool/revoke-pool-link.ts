import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { ended, revokedLater } from '@paid-community/shared/model/links/pool-life.ts';
import {
  poolLinks,
  type PoolLink,
  type RetiringPoolLink,
  type TakenPoolLink,
} from '@paid-community/shared/model/links/pool-link.ts';
import { RevokePoolLink, type RevokePoolLinkTask } from '@paid-community/shared/model/links/pool-tasks.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { NO_ATTEMPTS } from '@paid-community/shared/model/operations/attempts.ts';
import { changeDocument, withWrites } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import {
  deleteDocument,
  type DocumentStore,
  type Snapshot,
} from '@paid-community/shared/platform/ports/document-store.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { Unmade } from '../calls/make-call.ts';
import type { LinkCallDeps } from '../links/link-calls.ts';
import { makeRevocation } from '../links/make-revocation.ts';

/** What only an administrator can mend is tried again so late, and all else so soon. */
const AFTER_ADMINISTRATOR_MS = 6 * 3_600_000;
const AFTER_FAILURE_MS = 5 * 60_000;

type Due = Snapshot<PoolLink> & { readonly data: TakenPoolLink | RetiringPoolLink };

/**
 * Sees to it that nobody can use a link any more: one that nobody is to get, or one whose buyer has let the time pass.
 * Returns the task that follows; undefined when none does. It can be repeated: a link that was revoked is as good.
 * @throws RetryableError when the store does not answer.
 */
export async function revokePoolLink(task: RevokePoolLinkTask, deps: LinkCallDeps): Promise<OutgoingTask | undefined> {
  const { store, clock, log } = deps;
  const read = await store.get(poolLinks, task.poolLinkId);
  if (read === undefined || !isAsAsked(read, task)) return undefined;
  const { data: link } = read;
  if (!(await isToBeRevoked(link, store))) {
    await settle(read, store);
    return undefined;
  }
  const { communityId, state } = link;
  const fields = { communityId, state, deferrals: task.deferrals };
  const turn = { communityId, callClass: 'fill' } as const;
  const outcome = await makeRevocation(link, { turn, attempts: NO_ATTEMPTS, fields }, deps);
  switch (outcome.kind) {
    case 'done':
      await settle(read, store);
      return undefined;
    case 'put_back':
      return RevokePoolLink.toQueueTask({ ...task, deferrals: task.deferrals + 1 }, outcome.notBefore);
    case 'retry_at':
    case 'given_up': {
      const again = revokedLater(link, clock.now() + waitAfter(outcome.because));
      await changeDocument(store, poolLinks, read, () => again, { attempts: 1 });
      log.warn({ ...fields, call: 'revoke', again: again.revokeAt }, 'a link could not be revoked yet');
      return undefined;
    }
  }
}

function isAsAsked(read: Snapshot<PoolLink>, { revokeAt }: RevokePoolLinkTask): read is Due {
  return read.data.state !== 'AVAILABLE' && read.data.revokeAt === revokeAt;
}

/**
 * A link that was used has no place for anybody else. One that is recorded as a purchase's is that purchase's, whatever
 * the pool says of it: a server that repeats its answers can give the same link twice.
 */
async function isToBeRevoked(link: Due['data'], store: DocumentStore): Promise<boolean> {
  if (link.state === 'TAKEN') return (await store.get(joins, link.requestId)) === undefined;
  return link.because === 'erased' || (await store.get(inviteLinks, inviteLinkId(link.inviteLink))) === undefined;
}

/** Nothing is left to do for it. @throws ConflictError when somebody else has written it since it was read. */
async function settle(read: Due, store: DocumentStore): Promise<void> {
  const { data: link } = read;
  await changeDocument(
    store,
    poolLinks,
    read,
    () => (link.state === 'TAKEN' ? ended(link) : withWrites(undefined, [deleteDocument(poolLinks, read.id)])),
    { attempts: 1 },
  );
}

function waitAfter(because: Exclude<Unmade, { readonly kind: 'put_back' }>['because']): number {
  return because === 'needs_administrator' || because === 'refused' ? AFTER_ADMINISTRATOR_MS : AFTER_FAILURE_MS;
}
