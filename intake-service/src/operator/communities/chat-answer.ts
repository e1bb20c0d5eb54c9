import type { ChatStanding } from '@paid-community/shared/model/communities/chat-standing.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';

/** What Telegram said last of the chat of a community. */
export const ChatAnswer = Type.Object({
  title: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String({ description: 'supergroup or channel' })),
  memberCount: Type.Optional(Type.Integer()),
  bots: Type.Array(
    Type.Object({
      botId: Type.String(),
      username: Type.Optional(Type.String()),
      status: Type.String({ description: 'administrator, unless something is wrong' }),
      mayInvite: Type.Boolean(),
      mayRestrict: Type.Boolean({ description: 'needed to remove people' }),
    }),
  ),
  faults: Type.Array(Type.String(), { description: 'what is wrong for the settings of the community' }),
  checkedAt: Type.String({ format: 'date-time' }),
});

export function describeChat(standing: ChatStanding | undefined): Written<Static<typeof ChatAnswer>> | undefined {
  if (standing === undefined) return undefined;
  const { title, kind, memberCount, bots, faults, checkedAt } = standing;
  return {
    title,
    kind,
    memberCount,
    bots: bots.map(({ botId, username, status, mayInvite, mayRestrict }) => ({
      botId,
      username,
      status,
      mayInvite,
      mayRestrict,
    })),
    faults,
    checkedAt,
  };
}
