import { requestHealthCheck } from '@paid-community/shared/health/request-health-check.ts';
import { chatFaults } from '@paid-community/shared/model/communities/chat-faults.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import type { ChatOffered } from '@paid-community/shared/model/communities/community-events.ts';
import { offered, settingsOf } from '@paid-community/shared/model/communities/community-life.ts';
import { ExamineChat } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { askTelegram } from '../telegram/ask-telegram.ts';
import { announce, connectChat } from './connect-chat.ts';
import { deleteCodes } from './delete-codes.ts';
import { timeOfChange } from '../time-of-change.ts';
import { writeCommunity } from './write-community.ts';

export interface CommunityEventDeps {
  readonly store: DocumentStore;
  readonly eventBus: EventBus;
  readonly taskQueue: TaskQueue;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Connects a waiting community to the chat in which its link was tapped. What is missing there is kept with the
 * community, for its operator to read; the link may be tapped again.
 * @throws RetryableError when the store does not answer; HttpError when Telegram does not, so that it is tried again
 */
export async function connectOnChatOffered(
  { data: { communityId, chatId }, traceparent }: ReturnType<typeof ChatOffered.create>,
  deps: CommunityEventDeps,
): Promise<void> {
  const { store, log } = deps;
  const call = { ...deps, traceparent };
  const read = await store.get(communities, communityId);
  const community = read?.data;
  if (community?.state === 'connected' && community.chatId === chatId) return announce(community, call);
  if (community?.state !== 'waiting') {
    log.warn({ communityId, chatId }, 'a chat was offered to a community that waits for none');
    return;
  }
  const chat = await askTelegram(ExamineChat, { chatId, botIds: [...community.botIds] }, call);
  const settings = settingsOf(community);
  try {
    await connectChat(communityId, settings, chat, read, call);
    await deleteCodes(community, store);
    // link-worker then has no messages sent any more, where no other code is open.
    await requestHealthCheck({ askedBy: 'intake-service', traceparent }, deps);
    log.info({ communityId, chatId }, 'community connected by its link');
  } catch (error) {
    if (!(error instanceof HttpError) || error.code !== 'conflict') throw error;
    const missing = chatFaults(chat, settings);
    const faults = missing.length > 0 ? missing : [error.message];
    await writeCommunity(
      read,
      offered(community, { chatId: chat.chatId, faults }, await timeOfChange(communities, call)),
      store,
    );
    log.warn({ communityId, chatId, faults }, 'a chat was offered that is not good enough yet');
  }
}
