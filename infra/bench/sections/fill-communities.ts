import { communities } from '@paid-community/shared/model/communities/community.ts';
import { communityChats } from '@paid-community/shared/model/communities/community-chat.ts';
import { openBackend } from '@paid-community/shared/platform/backends/open-backend.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { botIdOf } from '@paid-community/shared/telegram/bot-tokens.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { chatOfCommunity, communityIdOf } from '../load/communities.ts';
import type { SimulatedSize, SimulatorAddress } from '../processes/simulators-process.ts';

/** Connects the communities in the store of a system that does not run, each with all of the bots. */
export async function fillCommunities(
  dataDir: string,
  size: SimulatedSize,
  { botToken, furtherTokens }: Pick<SimulatorAddress, 'botToken' | 'furtherTokens'>,
): Promise<void> {
  const log = createLogger({ level: 'silent', secrets: [] });
  const backend = await openBackend({ backend: 'embedded', dataDir, topology, clock: systemClock, log });
  const botIds = [botToken, ...furtherTokens].map(botIdOf);
  const at = new Date().toISOString();
  try {
    await Promise.all(
      Array.from({ length: size.communities }, (_, index) => {
        const communityId = communityIdOf(index);
        const chatId = String(chatOfCommunity(index));
        const settings = {
          name: `Community ${index}`,
          entry: 'link',
          removal: 'off',
          poolSize: 0,
          timeZone: 'UTC',
        } as const;
        const community = {
          communityId,
          ...settings,
          botIds,
          createdAt: at,
          connectedAt: at,
          updatedAt: at,
          state: 'connected',
          chatId,
        } as const;
        return backend.store.commit([
          createDocument(communities, communityId, community),
          createDocument(communityChats, chatId, { communityId, claimedAt: at }),
        ]);
      }),
    );
  } finally {
    await backend.close();
  }
}
