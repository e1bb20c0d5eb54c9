import { chatStandings } from '@paid-community/shared/model/communities/chat-standing.ts';
import { healthReports, lastUpdateFact } from '@paid-community/shared/model/operations/health-report.ts';
import { joinTracker } from '@paid-community/shared/topology.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { ChatAnswer, describeChat } from './chat-answer.ts';
import { CommunityAnswer } from './community-answer.ts';
import { communityField } from './community-field.ts';
import { PaceAnswer, paceOf } from './pace-answer.ts';
import { viewCommunity } from './read-community.ts';
import { WorkAnswer, workOf } from './work-answer.ts';

/** What only a person can do: there is no call for it in the Bot API. */
const STEPS = [
  'Bots cannot make groups, so a person does. In Telegram: New Group (or New Channel), a name, Create',
  'Of a group: tap its name, Edit, Chat History for New Members, Visible. That makes it a supergroup',
  'Tap the connection link, choose the group, and leave the rights as they are proposed. In a channel, tell the operator its id',
];

export const showCommunity = defineOperation({
  action: 'communities.show',
  method: 'GET',
  path: '/communities/:communityId',
  refusals: ['not_found'],
  summary:
    'A community with its chat as Telegram described it last, and what is done for it, and how fast its bots may call.',
  input: Type.Object(communityField, { additionalProperties: false }),
  answer: Type.Object({
    community: CommunityAnswer,
    chat: Type.Optional(ChatAnswer),
    work: WorkAnswer,
    pace: Type.Array(PaceAnswer),
    lastUpdateAt: Type.Optional(
      Type.String({ description: 'when Telegram last told of a join there, or of what a bot may do there' }),
    ),
    steps: Type.Optional(Type.Array(Type.String(), { description: 'of a waiting one: what a person has to do' })),
  }),
  logged: ({ communityId }) => ({ communityId }),
  run: async ({ communityId }, call) => {
    const { store } = call;
    const community = await viewCommunity(communityId, store);
    const [standing, work, pace, tracker] = await Promise.all([
      store.get(chatStandings, communityId),
      workOf(communityId, call),
      paceOf(community.botIds, call),
      store.get(healthReports, joinTracker),
    ]);
    return {
      community,
      chat: describeChat(standing?.data),
      work,
      pace,
      lastUpdateAt: tracker?.data.facts[lastUpdateFact(communityId)],
      steps: community.state === 'waiting' ? STEPS : undefined,
    };
  },
});
