import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { DEFAULT_COMMUNITY, type Community } from '@paid-community/shared/model/communities/community.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';

export type OpenCommunities = Pick<KnownCommunities, 'get' | 'lastKnown' | 'readAgain' | 'wereRead'>;

/**
 * A purchase of `default` waits for no read: the settings have it, whatever the store says. Before one is refused, its
 * community is read again: it may have been connected a moment ago.
 * @throws HttpError invalid_request for a community that takes no purchases; RetryableError when the store has never
 *   answered
 */
export async function requireOpenCommunity(
  communityId: string,
  communities: OpenCommunities,
  named: 'by itself' | 'by its plan' = 'by itself',
): Promise<void> {
  const isDefault = communityId === DEFAULT_COMMUNITY;
  const faultOf = isDefault ? faultOfDefault : faultOfOther;
  const known = isDefault ? communities.lastKnown(communityId) : await communities.get(communityId);
  if (faultOf(known) === undefined) return;
  const message = faultOf(await communities.readAgain(communityId));
  if (message === undefined) return;
  throw new HttpError('invalid_request', 'The purchase is not valid', [
    named === 'by itself'
      ? { path: '/communityId', message }
      : { path: '/planId', message: `is of a plan that opens "${communityId}", and that ${message}` },
  ]);
}

const DISCONNECTED = 'must be a community that takes purchases; this one was disconnected';

function faultOfDefault(community: Community | undefined): string | undefined {
  return community?.state === 'disconnected' ? DISCONNECTED : undefined;
}

function faultOfOther(community: Community | undefined): string | undefined {
  switch (community?.state) {
    case 'connected':
      return undefined;
    case 'waiting':
      return 'must be a connected community; this one waits for an administrator to tap its connection link';
    case 'disconnected':
      return DISCONNECTED;
    case undefined:
      return 'must be the id of a connected community; `npm run ops -- communities list` shows them';
  }
}
