import { DEFAULT_COMMUNITY, type Community, type ConnectedCommunity } from './community.ts';

/** It was there before communities had documents. */
const ALWAYS = '1970-01-01T00:00:00.000Z';

/** The community of the settings, before an operator has changed anything of it. */
export function environmentCommunity({
  chatId,
  botId,
}: {
  readonly chatId: string;
  readonly botId: string;
}): ConnectedCommunity {
  return {
    communityId: DEFAULT_COMMUNITY,
    state: 'connected',
    chatId,
    connectedAt: ALWAYS,
    name: DEFAULT_COMMUNITY,
    entry: 'link',
    removal: 'off',
    botIds: [botId],
    poolSize: 0,
    timeZone: 'UTC',
    createdAt: ALWAYS,
    updatedAt: ALWAYS,
  };
}

/**
 * What an operator has set holds; the chat is that of the settings, and so is the bot unless an operator names bots.
 */
export function defaultCommunity(environment: ConnectedCommunity, stored: Community | undefined): Community {
  if (stored === undefined) return environment;
  const { chatId } = environment;
  const botIds = stored.botIds.length === 0 ? environment.botIds : stored.botIds;
  return stored.state === 'disconnected'
    ? { ...stored, chatId, botIds }
    : { ...stored, state: 'connected', chatId, connectedAt: environment.connectedAt, botIds };
}
