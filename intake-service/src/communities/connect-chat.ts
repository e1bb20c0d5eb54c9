import { requestHealthCheck } from '@paid-community/shared/health/request-health-check.ts';
import { chatFaults } from '@paid-community/shared/model/communities/chat-faults.ts';
import { chatStandings, type ExaminedChat } from '@paid-community/shared/model/communities/chat-standing.ts';
import {
  communities,
  DEFAULT_COMMUNITY,
  type CommunitySettings,
  type Community,
  type ConnectedCommunity,
} from '@paid-community/shared/model/communities/community.ts';
import { communityChats } from '@paid-community/shared/model/communities/community-chat.ts';
import { CommunityConnected } from '@paid-community/shared/model/communities/community-events.ts';
import { claimOf, connected } from '@paid-community/shared/model/communities/community-life.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import {
  createDocument,
  type DocumentStore,
  type Snapshot,
} from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import { timeOfChange } from '../time-of-change.ts';
import { changedMeanwhile, writeCommunity } from './write-community.ts';

interface Deps {
  readonly store: DocumentStore;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly traceparent: string;
}

/**
 * Gives a community its chat, in one commit with the claim of the chat. Of several that try at once, one wins.
 * `read`: the community as it was read; undefined when there was none.
 * @throws HttpError `conflict` that says what is in the way
 */
export async function connectChat(
  communityId: string,
  settings: CommunitySettings,
  chat: ExaminedChat,
  read: Snapshot<Community> | undefined,
  deps: Deps,
): Promise<ConnectedCommunity> {
  const { store } = deps;
  const faults = chatFaults(chat, settings);
  if (faults.length > 0) throw new HttpError('conflict', faults.join('. '));
  await requireFree(chat.chatId, communityId, store);
  const known = read?.data;
  if (known?.state === 'connected') throw changedMeanwhile();
  const at = await timeOfChange(communities, deps);
  const community = connected(communityId, settings, chat.chatId, known, at);
  const claim = createDocument(communityChats, chat.chatId, claimOf(communityId, at));
  try {
    await writeCommunity(read, community, store, [claim]);
  } catch (error) {
    // The other one may have taken the chat, or this community.
    await requireFree(chat.chatId, communityId, store);
    throw error;
  }
  await announce(community, deps);
  return community;
}

/**
 * Tells that the community is connected, and has link-worker look at its chat, so that operators see title and rights
 * at once. Done again when the same is connected again: a crash may have come before. @throws RetryableError
 */
export async function announce(
  { communityId, chatId, name, connectedAt }: ConnectedCommunity,
  { eventBus, clock, traceparent }: Pick<Deps, 'eventBus' | 'clock' | 'traceparent'>,
): Promise<void> {
  await CommunityConnected.publish(
    eventBus,
    CommunityConnected.create({ time: connectedAt, traceparent, data: { communityId, chatId, name, connectedAt } }),
  );
  await requestHealthCheck({ askedBy: 'intake-service', chatId, traceparent }, { eventBus, clock });
}

/** @throws HttpError `conflict` when another community has the chat. */
async function requireFree(chatId: string, communityId: string, store: DocumentStore): Promise<void> {
  const [claim, ofDefault] = await Promise.all([
    store.get(communityChats, chatId),
    store.get(chatStandings, DEFAULT_COMMUNITY),
  ]);
  if (ofDefault?.data.chatId === chatId)
    throw new HttpError(
      'conflict',
      `The community "${DEFAULT_COMMUNITY}" has this chat, by TELEGRAM_CHAT_ID; a chat belongs to one community`,
    );
  if (claim !== undefined && claim.data.communityId !== communityId)
    throw new HttpError(
      'conflict',
      `The community "${claim.data.communityId}" has this chat; disconnect that one first: a chat belongs to one community`,
    );
}
