import { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import type { MembershipDeps } from '@paid-community/shared/memberships/change-membership.ts';
import type { Community } from '@paid-community/shared/model/communities/community.ts';
import { environmentCommunity } from '@paid-community/shared/model/communities/default-community.ts';
import type { BreakerLimits } from '@paid-community/shared/model/memberships/removal-guard.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import type { JoinTrackerConfig } from '../config.ts';

export interface MembershipWork extends MembershipDeps {
  /** @throws PermanentError when nobody has connected it. */
  readonly communityOf: (communityId: string) => Promise<Community>;
  readonly communities: KnownCommunities;
  readonly disputeSuspends: boolean;
  readonly breaker: BreakerLimits;
  readonly retentionDays: number;
  readonly log: Logger;
}

type WorkConfig = Pick<
  JoinTrackerConfig,
  'REMOVAL_BREAKER_PERCENT' | 'REMOVAL_BREAKER_LEAST' | 'DISPUTE_SUSPENDS' | 'RETENTION_DAYS'
>;

/** What everything about memberships needs. */
export function membershipWork(
  config: WorkConfig,
  ports: Pick<MembershipDeps, 'store' | 'eventBus' | 'taskQueue' | 'clock'> & { readonly log: Logger },
): MembershipWork {
  const communities = new KnownCommunities(ports, environmentCommunity({ chatId: '', botId: '' }));
  const communityOf = async (communityId: string): Promise<Community> => {
    // Before it is refused: it may have been connected a moment ago.
    const known = (await communities.get(communityId)) ?? (await communities.readAgain(communityId));
    if (known !== undefined) return known;
    throw new PermanentError('unknown_community', `Nobody has connected the community "${communityId}"`);
  };
  return {
    ...ports,
    communities,
    communityOf,
    rulesOf: communityOf,
    disputeSuspends: config.DISPUTE_SUSPENDS === 'true',
    breaker: { percent: config.REMOVAL_BREAKER_PERCENT, least: config.REMOVAL_BREAKER_LEAST },
    retentionDays: config.RETENTION_DAYS,
  };
}
