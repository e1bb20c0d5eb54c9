import { inviteLinkId, inviteLinkOf, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { documentOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { given } from '@paid-community/shared/model/links/pool-life.ts';
import { poolLinks, type AvailablePoolLink } from '@paid-community/shared/model/links/pool-link.ts';
import type { DoneRequest, QueuedRequest } from '@paid-community/shared/model/links/request-states.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument, withWrites } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import {
  createDocument,
  type DocumentStore,
  type Snapshot,
} from '@paid-community/shared/platform/ports/document-store.ts';
import { ConflictError } from '@paid-community/shared/platform/ports/errors.ts';
import type { PoolCandidates } from './pool-candidates.ts';
import type { WantedPool, WantedPools } from './wanted-pools.ts';

/** So many links at most are tried for one purchase, each of which another process took in the same moment. */
const MAX_TRIES = 12;

export interface TakeLinkDeps {
  readonly wantedPools: WantedPools;
  readonly candidates: PoolCandidates;
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly log: Logger;
}

export type TakenLink =
  | { readonly kind: 'taken'; readonly request: DoneRequest }
  /** There is a request of this id already. */
  | { readonly kind: 'known' }
  /** The community has no pool, or nothing in it. */
  | { readonly kind: 'none'; readonly isEmpty: boolean };

/**
 * Gives a purchase a link of its community's pool. Request, link and pool link are written in one commit, so the link is
 * this purchase's or stays available. Without a pool it costs nothing.
 * @throws RetryableError when the store does not answer. The link may have been given all the same: then the request is
 * there.
 */
export async function takeLink(request: QueuedRequest, deps: TakeLinkDeps): Promise<TakenLink> {
  const { wantedPools, candidates, log } = deps;
  const { requestId, communityId } = request;
  const wanted = await wantedPools.of(communityId);
  if (wanted === undefined) return { kind: 'none', isEmpty: false };
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const candidate = await candidates.next(communityId, wanted.times);
    if (candidate === undefined) break;
    const taken = await take(candidate, request, wanted, deps).finally(() => {
      candidates.over(communityId, candidate.id, false);
    });
    if (taken === undefined) {
      candidates.over(communityId, candidate.id, true);
      continue;
    }
    if (taken.kind === 'taken') {
      const inviteLinkHash = inviteLinkId(taken.request.inviteLink);
      log.info({ requestId, communityId, inviteLinkHash, outcome: 'taken' }, 'link of the pool');
    }
    return taken;
  }
  return { kind: 'none', isEmpty: true };
}

/** Undefined when somebody else was there first. */
async function take(
  candidate: Snapshot<AvailablePoolLink>,
  request: QueuedRequest,
  { times: { linkTtlMs } }: WantedPool,
  { store, clock }: TakeLinkDeps,
): Promise<Exclude<TakenLink, { readonly kind: 'none' }> | undefined> {
  const { link, request: done } = given(candidate.data, candidate.id, request, { linkTtlMs, nowMs: clock.now() });
  const writes = [
    createDocument(inviteRequests, done.requestId, documentOf(done)),
    createDocument(inviteLinks, inviteLinkId(done.inviteLink), inviteLinkOf(done)),
  ];
  try {
    await changeDocument(store, poolLinks, candidate, () => withWrites(link, writes), { attempts: 1 });
    return { kind: 'taken', request: done };
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return (await store.get(inviteRequests, done.requestId)) === undefined ? undefined : { kind: 'known' };
  }
}
