import type { CommunitySettings, ConnectedCommunity } from '../community.ts';

const SETTINGS: CommunitySettings = {
  name: 'Gold signals',
  entry: 'link',
  removal: 'off',
  botIds: ['111'],
  poolSize: 0,
  timeZone: 'UTC',
};

const CREATED_AT = '2026-01-01T00:00:00.000Z';

/** A connected community for a test, with what the test is about. */
export function someCommunity(fields: Partial<ConnectedCommunity> = {}): ConnectedCommunity {
  return {
    ...SETTINGS,
    communityId: 'gold',
    state: 'connected',
    chatId: '-1001',
    connectedAt: CREATED_AT,
    createdAt: CREATED_AT,
    updatedAt: CREATED_AT,
    ...fields,
  };
}
