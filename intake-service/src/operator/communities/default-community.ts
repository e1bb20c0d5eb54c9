import type { ChatStanding } from '@paid-community/shared/model/communities/chat-standing.ts';
import {
  DEFAULT_COMMUNITY,
  type Community,
  type WaitingCommunity,
} from '@paid-community/shared/model/communities/community.ts';
import { waiting } from '@paid-community/shared/model/communities/community-life.ts';
import { defaultCommunity, environmentCommunity } from '@paid-community/shared/model/communities/default-community.ts';
import { describeCommunity, type CommunityInWords } from './community-answer.ts';

/** The document of `default` before an operator has changed anything. No bots: that of the settings. */
export function documentOfDefault(at: string): WaitingCommunity {
  const settings = environmentCommunity({ chatId: '', botId: '' });
  return waiting(DEFAULT_COMMUNITY, { ...settings, botIds: [] }, undefined, at);
}

/**
 * Its chat and its bot are those of the settings of link-worker, which says in `standing` what they were when it looked
 * last. Nobody knows since when it has them.
 */
export function describeDefault(stored: Community | undefined, standing: ChatStanding | undefined): CommunityInWords {
  const ofSettings = environmentCommunity({ chatId: standing?.chatId ?? '', botId: '' });
  const { chatId, botIds, ...described } = describeCommunity(defaultCommunity(ofSettings, stored));
  const known = botIds.filter((botId) => botId !== '');
  return {
    ...described,
    createdAt: undefined,
    connectedAt: undefined,
    updatedAt: stored?.updatedAt,
    chatId: chatId === '' ? undefined : chatId,
    botIds: known.length > 0 ? known : (standing?.bots.map(({ botId }) => botId) ?? []),
  };
}
