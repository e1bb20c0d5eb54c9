import type { NamedLink } from '@paid-community/shared/model/links/named-link.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';

/** A link made by hand, as operators see it. */
export const LinkAnswer = Type.Object({
  state: Type.Enum(['usable', 'expired', 'revoked', 'unconfirmed'], {
    description:
      "unconfirmed = Telegram's answer was lost: a link of this name may exist, and only the owner of the chat can revoke it",
  }),
  inviteLink: Type.Optional(Type.String()),
  name: Type.String(),
  botId: Type.String({ description: 'the bot that made it, and can revoke it' }),
  memberLimit: Type.Optional(Type.Integer({ description: 'absent: without a limit' })),
  expiresAt: Type.Optional(Type.String({ description: 'absent: it has no end' })),
  madeBy: Type.String({ description: "name of the operator's key" }),
  askedAt: Type.String(),
  revokedAt: Type.Optional(Type.String()),
  revokedBy: Type.Optional(Type.String()),
});

export function describeLink(link: NamedLink, now: number): Written<Static<typeof LinkAnswer>> {
  const { name, botId, memberLimit, linkExpiresAt, madeBy, askedAt } = link;
  const isRevoked = link.state === 'revoked';
  return {
    state: stateOf(link, now),
    inviteLink: link.state === 'unconfirmed' ? undefined : link.inviteLink,
    name,
    botId,
    memberLimit,
    expiresAt: linkExpiresAt,
    madeBy,
    askedAt,
    revokedAt: isRevoked ? link.revokedAt : undefined,
    revokedBy: isRevoked ? link.revokedBy : undefined,
  };
}

function stateOf({ state, linkExpiresAt }: NamedLink, now: number): Static<typeof LinkAnswer>['state'] {
  if (state !== 'made') return state;
  return linkExpiresAt !== undefined && Date.parse(linkExpiresAt) <= now ? 'expired' : 'usable';
}
