import { changed } from '@paid-community/shared/model/communities/community-life.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { writeCommunity } from '../../communities/write-community.ts';
import { defineOperation } from '../http/operation.ts';
import { CommunityAnswer } from './community-answer.ts';
import { communityField } from './community-field.ts';
import { communityInWords, readToChange } from './read-community.ts';
import { requireFillablePool } from './require-fillable-pool.ts';
import { requireRights } from './require-rights.ts';
import { checkSettings, optionalSettings, requiredSettings, settingsToTakeBack } from './setting-fields.ts';

export const changeCommunity = defineOperation({
  action: 'communities.change',
  method: 'POST',
  path: '/communities/:communityId',
  refusals: ['not_found', 'conflict'],
  summary:
    'Changes the named settings of a community. What they need of its chat is looked at first. It is in force within 10 seconds; a pool of another size begins to fill within a minute.',
  input: Type.Object(
    {
      ...communityField,
      name: Type.Optional(requiredSettings.name),
      entry: Type.Optional(requiredSettings.entry),
      removal: Type.Optional(requiredSettings.removal),
      ...optionalSettings,
      ...settingsToTakeBack,
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({ community: CommunityAnswer }),
  logged: ({ communityId, ...changes }) => ({ communityId, fields: Object.keys(changes).join(' ') }),
  run: async ({ communityId, ...changes }, call) => {
    const { store } = call;
    if (Object.keys(changes).length === 0)
      throw new HttpError('invalid_request', 'There is nothing to change: name at least one setting', [
        { path: '', message: 'must have at least one setting' },
      ]);
    checkSettings(changes, call.clock.now());
    const { read, known, at } = await readToChange(communityId, call);
    const next = changed(known, changes, at);
    const community = await communityInWords(next, store);
    if (changes.poolSize !== undefined) await requireFillablePool(community, store);
    const { botIds, removal, wrongPerson } = changes;
    if (community.state === 'connected' && [botIds, removal, wrongPerson].some((change) => change !== undefined))
      await requireRights(next, call);
    await writeCommunity(read, next, store);
    return { community };
  },
});
