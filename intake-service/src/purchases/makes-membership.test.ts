import { expect, test } from '@jest/globals';
import type { Community } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { makesMembership } from './makes-membership.ts';

const made = (
  bought: Partial<Parameters<typeof makesMembership>[0]>,
  community?: Community,
  wereRead = true,
): ReturnType<typeof makesMembership> =>
  makesMembership({ communityIds: ['gold'], userId: 'ada', ...bought }, { lastKnown: () => community, wereRead });

test('a purchase makes a membership by its plan, its end, or what its community wants', () => {
  expect(made({ planId: 'monthly' })).toBe(true);
  expect(made({ endsAt: '2026-02-01T00:00:00.000Z' })).toBe(true);
  expect(made({}, someCommunity({ removal: 'dry_run' }))).toBe(true);
  expect(made({}, someCommunity({ entry: 'request' }))).toBe(true);
  expect(made({}, someCommunity())).toBeUndefined();
});

test('of "default" nobody knows before its settings were read', () => {
  expect(made({ communityIds: ['default'] }, undefined, false)).toBe('unknown');
  expect(made({ communityIds: ['default'] })).toBeUndefined();
});
