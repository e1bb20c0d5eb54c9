import { chatStandings } from '@paid-community/shared/model/communities/chat-standing.ts';
import { communities, DEFAULT_COMMUNITY, type Community } from '@paid-community/shared/model/communities/community.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { pageFields } from '../http/page-fields.ts';
import { ChatAnswer, describeChat } from './chat-answer.ts';
import { CommunityAnswer, describeCommunity } from './community-answer.ts';
import { describeDefault } from './default-community.ts';

const Listed = Type.Object({ ...CommunityAnswer.properties, chat: Type.Optional(ChatAnswer) });

export const listCommunities = defineOperation({
  action: 'communities.list',
  method: 'GET',
  path: '/communities',
  summary: 'The communities by their ids, a page at a time; "default", which the settings have, on the first page.',
  input: Type.Object(pageFields, { additionalProperties: false }),
  answer: Type.Object({ communities: Type.Array(Listed), nextCursor: Type.Optional(Type.String()) }),
  logged: (_, answer) => ({ found: answer?.communities.length }),
  run: async ({ limit = 50, cursor }, { store }) => {
    const { documents, nextCursor } = await store.query({
      collection: communities,
      where: {},
      orderBy: { field: 'communityId', direction: 'ascending' },
      limit,
      cursor,
    });
    const others = documents.map(({ data }) => data).filter(({ communityId }) => communityId !== DEFAULT_COMMUNITY);
    const listed = await Promise.all(others.map((community) => withChat(community, store)));
    return { communities: cursor === undefined ? [await defaultWithChat(store), ...listed] : listed, nextCursor };
  },
});

async function withChat(community: Community, store: DocumentStore): Promise<Written<Static<typeof Listed>>> {
  const standing = await store.get(chatStandings, community.communityId);
  return { ...describeCommunity(community), chat: describeChat(standing?.data) };
}

async function defaultWithChat(store: DocumentStore): Promise<Written<Static<typeof Listed>>> {
  const [stored, standing] = await Promise.all([
    store.get(communities, DEFAULT_COMMUNITY),
    store.get(chatStandings, DEFAULT_COMMUNITY),
  ]);
  return { ...describeDefault(stored?.data, standing?.data), chat: describeChat(standing?.data) };
}
