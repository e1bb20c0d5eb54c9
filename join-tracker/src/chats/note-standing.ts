import { requestHealthCheck } from '@paid-community/shared/health/request-health-check.ts';
import {
  chatCandidate,
  chatCandidateId,
  chatCandidates,
} from '@paid-community/shared/model/communities/chat-candidate.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { deleteDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { ChatMemberUpdated } from '../updates/telegram/update.ts';
import type { CommunitiesOfChats } from './communities-of-chats.ts';

export interface NoteStandingDeps {
  readonly chats: CommunitiesOfChats;
  readonly store: DocumentStore;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The standing of a bot in some chat changed: a right, its removal, the end of the chat, or the supergroup that a group
 * became. Only link-worker can find out what the bot may do there now: it is asked at once, and tells what it finds. A
 * chat of no community is kept for a day, so that an operator can connect it. A private chat is left out: somebody has
 * blocked the bot or not, and the chat has their id.
 * @param botId - Undefined for the default bot.
 * @returns The community that has the chat.
 * @throws RetryableError
 */
export async function noteStanding(
  { chat, new_chat_member: bot }: ChatMemberUpdated,
  botId: string | undefined,
  traceparent: string,
  deps: NoteStandingDeps,
): Promise<string | undefined> {
  if (chat.id > 0) return undefined;
  const { chats, eventBus, clock, log } = deps;
  const chatId = String(chat.id);
  const communityId = await chats.of(chat);
  if (communityId === undefined) await keepCandidate(chat, botId ?? String(bot.user.id), bot.status, deps);
  await requestHealthCheck({ askedBy: 'join-tracker', chatId, traceparent }, { eventBus, clock });
  log.info({ chatId, communityId, botId, status: bot.status }, 'the standing of the bot in a chat changed');
  return communityId;
}

async function keepCandidate(
  { id, title = '', type: kind = '' }: ChatMemberUpdated['chat'],
  botId: string,
  status: string,
  { store, clock }: NoteStandingDeps,
): Promise<void> {
  const chatId = String(id);
  const candidateId = chatCandidateId({ chatId, botId });
  if (status === 'administrator') {
    const candidate = chatCandidate({ chatId, botId, title, kind }, clock.now());
    await changeDocument(store, chatCandidates, candidateId, () => candidate);
  } else {
    await store.commit([deleteDocument(chatCandidates, candidateId)]);
  }
}
