import { released, removalGuards } from '@paid-community/shared/model/memberships/removal-guard.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { Type } from 'typebox';
import { communityField } from '../communities/community-field.ts';
import { viewCommunity } from '../communities/read-community.ts';
import { defineOperation } from '../http/operation.ts';

export const releaseRemovals = defineOperation({
  action: 'removals.release',
  method: 'POST',
  path: '/removals/release',
  refusals: ['not_found'],
  summary:
    'Lets the removals of a community go that are held because there are so many of them. The same call again changes nothing.',
  input: Type.Object(communityField, { additionalProperties: false }),
  answer: Type.Object({
    communityId: Type.String(),
    released: Type.Boolean({ description: 'false: none were held' }),
    due: Type.Integer({ description: 'how many go from the next tick on' }),
  }),
  logged: ({ communityId }, answer) => ({ communityId, released: answer?.released, due: answer?.due }),
  run: async ({ communityId }, { store, clock, operator }) => {
    await viewCommunity(communityId, store);
    let wasHeld = false;
    await changeDocument(store, removalGuards, communityId, (known) => {
      wasHeld = known?.heldSince !== undefined;
      return known === undefined || !wasHeld ? undefined : released(known, operator, clock.now());
    });
    const due = await store.count({ collection: memberships, where: { communityId, removalState: 'due' } });
    return { communityId, released: wasHeld, due };
  },
});
