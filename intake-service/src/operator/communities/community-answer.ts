import type { Community } from '@paid-community/shared/model/communities/community.ts';
import { settingsOf } from '@paid-community/shared/model/communities/community-life.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';
import { communityField } from './community-field.ts';
import { optionalSettings, requiredSettings } from './setting-fields.ts';

const Time = Type.String({ format: 'date-time' });

export const CommunityAnswer = Type.Object({
  ...communityField,
  state: Type.Enum(['waiting', 'connected', 'disconnected'], {
    description: 'waiting = nobody has tapped its connection link yet; only a connected one takes purchases',
  }),
  chatId: Type.Optional(Type.String({ description: 'of a disconnected one: the chat that it had' })),
  ...requiredSettings,
  ...optionalSettings,
  botIds: Type.Array(Type.String()),
  poolSize: Type.Integer(),
  timeZone: Type.String(),
  offer: Type.Optional(
    Type.Object(
      { chatId: Type.String(), at: Time, faults: Type.Array(Type.String()) },
      { description: 'the chat in which its link was tapped last, and why that chat is not good enough yet' },
    ),
  ),
  createdAt: Type.Optional(Type.String({ format: 'date-time', description: 'absent for "default"' })),
  connectedAt: Type.Optional(Type.String({ format: 'date-time', description: 'absent for "default"' })),
  updatedAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'absent for "default" before anybody has changed it' }),
  ),
  disconnectedAt: Type.Optional(Time),
});

export type CommunityInWords = Written<Static<typeof CommunityAnswer>>;

export const ConnectionLink = Type.Object({
  botId: Type.String(),
  group: Type.String({ description: 'adds the bot to a group, with the rights that it needs' }),
  channel: Type.String({
    description: 'adds it to a channel; Telegram does not tell which link was tapped, so confirm the chat by its id',
  }),
  expiresAt: Time,
});

export type LinkToTap = Written<Static<typeof ConnectionLink>>;

export interface CommunityAndLinks {
  readonly community: CommunityInWords;
  readonly links?: readonly LinkToTap[];
}

export function describeCommunity(community: Community): CommunityInWords {
  const { communityId, state, createdAt, updatedAt } = community;
  const { chatId, connectedAt, disconnectedAt, offer } = { ...stateFields, ...community };
  return {
    communityId,
    state,
    chatId,
    ...settingsOf(community),
    offer,
    createdAt,
    connectedAt,
    updatedAt,
    disconnectedAt,
  };
}

const stateFields = { chatId: undefined, connectedAt: undefined, disconnectedAt: undefined, offer: undefined };
