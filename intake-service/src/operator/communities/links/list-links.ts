import { namedLinks } from '@paid-community/shared/model/links/named-link.ts';
import { Type } from 'typebox';
import { defineOperation } from '../../http/operation.ts';
import { pageFields } from '../../http/page-fields.ts';
import { communityField } from '../community-field.ts';
import { countLinksToday, LinksToday } from '../work-answer.ts';
import { viewCommunity } from '../read-community.ts';
import { describeLink, LinkAnswer } from './link-answer.ts';

export const listLinks = defineOperation({
  action: 'communities.links.list',
  method: 'GET',
  path: '/communities/:communityId/links',
  refusals: ['not_found'],
  summary: 'The links of a community that were made by hand, newest first.',
  input: Type.Object({ ...communityField, ...pageFields }, { additionalProperties: false }),
  answer: Type.Object({
    links: Type.Array(LinkAnswer),
    linksToday: LinksToday,
    nextCursor: Type.Optional(Type.String()),
  }),
  logged: ({ communityId }, answer) => ({ communityId, found: answer?.links.length }),
  run: async ({ communityId, limit = 50, cursor }, { store, clock }) => {
    await viewCommunity(communityId, store);
    const page = store.query({
      collection: namedLinks,
      where: { communityId },
      orderBy: { field: 'askedAt', direction: 'descending' },
      limit,
      cursor,
    });
    const [{ documents, nextCursor }, linksToday] = await Promise.all([
      page,
      countLinksToday(communityId, { store, clock }),
    ]);
    return { links: documents.map(({ data }) => describeLink(data, clock.now())), linksToday, nextCursor };
  },
});
