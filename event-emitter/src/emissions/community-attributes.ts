import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';

/**
 * What WebEngage is told of the community, beside the rest. Events of `default` are as they were before there were
 * others. One that the store has lost is told by its id.
 * @throws RetryableError when the store has never answered.
 */
export async function communityAttributes(
  communityId: string,
  communities: Pick<KnownCommunities, 'get'>,
): Promise<Readonly<Record<string, string>>> {
  if (communityId === DEFAULT_COMMUNITY) return {};
  return { communityId, communityName: await nameOfCommunity(communityId, communities) };
}

/** @throws RetryableError when the store has never answered. */
export async function nameOfCommunity(
  communityId: string,
  communities: Pick<KnownCommunities, 'get'>,
): Promise<string> {
  return (await communities.get(communityId))?.name ?? communityId;
}
