import { inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests, type InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { poolLinks } from '@paid-community/shared/model/links/pool-link.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore, Page } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';

const PAGE = 1_000;
/** Counted one by one, so a flood is not counted to its end. */
const MOST_COUNTED = 10_000;

export const LinksToday = Type.Integer({ description: 'links that purchases got since midnight UTC' });

/** What a community has done today, and what is still to be done for it. */
export const WorkAnswer = Type.Object({
  linksToday: LinksToday,
  poolLinks: Type.Integer({ description: 'links that are ready in its pool' }),
  queued: Type.Integer({ description: `purchases that have no link yet; counted up to ${MOST_COUNTED}` }),
});

export async function workOf(
  communityId: string,
  { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
): Promise<Written<Static<typeof WorkAnswer>>> {
  const [linksToday, ready, queued] = await Promise.all([
    countLinksToday(communityId, { store, clock }),
    store.count({ collection: poolLinks, where: { communityId, state: 'AVAILABLE' } }),
    countQueued(communityId, store),
  ]);
  return { linksToday, poolLinks: ready, queued };
}

export function countLinksToday(
  communityId: string,
  { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
): Promise<number> {
  const madeOn = new Date(clock.now()).toISOString().slice(0, 10);
  return store.count({ collection: inviteLinks, where: { communityId, madeOn } });
}

async function countQueued(communityId: string, store: DocumentStore): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page: Page<InviteRequestDocument> = await store.query({
      collection: inviteRequests,
      where: { communityId },
      orderBy: { field: 'openId', direction: 'ascending' },
      limit: PAGE,
      cursor,
    });
    count += page.documents.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined && count < MOST_COUNTED);
  return count;
}
