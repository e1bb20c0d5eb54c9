import { DEFAULT_COMMUNITY, type WaitingCommunity } from '@paid-community/shared/model/communities/community.ts';
import { waiting } from '@paid-community/shared/model/communities/community-life.ts';
import { environmentCommunity } from '@paid-community/shared/model/communities/default-community.ts';

/** The document of `default` before an operator has changed anything. No bots: that of the settings. */
export function documentOfDefault(at: string): WaitingCommunity {
  const settings = environmentCommunity({ chatId: '', botId: '' });
  return waiting(DEFAULT_COMMUNITY, { ...settings, botIds: [] }, undefined, at);
}
