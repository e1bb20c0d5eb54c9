import { expect, test } from '@jest/globals';
import { someCommunity } from '../communities/testing/some-community.ts';
import { foldGrants } from './covered-time.ts';
import type { Grant } from './grant.ts';
import { purchased } from './membership-life.ts';
import { someEndedMembership } from './testing/some-membership.ts';

const NOW = '2026-02-01T00:00:00.000Z';

test.each([
  ['asks for a link: it may have been thought not to be needed', 'removed', 1],
  ['brings a link of its own', 'left', 0],
] as const)('a purchase by somebody who is out at the end of a membership %s', (_, departure, count) => {
  const known = someEndedMembership({ presence: 'outside', departure, removal: undefined });
  const grant: Grant = {
    grantId: 'r2',
    kind: 'purchase',
    membershipId: known.membershipId,
    communityId: 'gold',
    userId: 'ada',
    transactionId: '',
    period: 'P1M',
    from: NOW,
    createdAt: NOW,
  };
  const fold = foldGrants([grant], undefined, { timeZone: 'UTC' });
  const bought = purchased(known, { grant, telegramUserId: undefined }, fold, someCommunity(), Date.parse(NOW));
  const asked = bought.effects.filter(({ kind }) => kind === 'make_link');
  expect([bought.state, asked.length]).toEqual(['active', count]);
});
