import { COMMUNITY_ID_PATTERN } from '@paid-community/shared/model/communities/community.ts';
import { Type } from 'typebox';

/** Input field of an operation on one community. */
export const communityField = {
  communityId: Type.String({
    pattern: COMMUNITY_ID_PATTERN,
    description: 'the id of a community: 1 to 40 of a-z, 0-9 and -',
  }),
};
