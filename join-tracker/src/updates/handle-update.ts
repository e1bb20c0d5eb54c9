import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { noteStanding } from '../chats/note-standing.ts';
import { readMessage } from '../chats/read-message.ts';
import { trackJoin, type TrackJoinDeps } from '../joins/track-join.ts';
import type { MeasureJoin } from '../measurements.ts';
import { answerJoinRequest } from '../presence/answer-join-request.ts';
import { notePresence } from '../presence/note-presence.ts';
import type { SeenUpdates } from './seen-updates.ts';
import { isJoin, type Update } from './telegram/update.ts';

export interface HandleUpdateDeps extends TrackJoinDeps {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly seen: SeenUpdates;
  readonly measureJoin: MeasureJoin;
}

/**
 * One update of Telegram, however it came. Resolves when nothing of it can be lost any more.
 * @param botId - The bot that it came by; undefined for the default one.
 */
export async function handleUpdate(
  update: Update,
  botId: string | undefined,
  traceparent: string,
  deps: HandleUpdateDeps,
): Promise<void> {
  const { seen, measureJoin } = deps;
  seen.note();
  if (update.chat_member !== undefined) {
    const join = isJoin(update.chat_member) ? await trackJoin(update.chat_member, botId, traceparent, deps) : undefined;
    if (join !== undefined) measureJoin(join);
    if (join?.communityId !== undefined) seen.noteCommunity(join.communityId);
    if (join?.mayBeMember !== false) await notePresence(update.chat_member, botId, traceparent, deps);
  }
  if (update.chat_join_request !== undefined) {
    const communityId = await answerJoinRequest(update.chat_join_request, botId, traceparent, deps);
    if (communityId !== undefined) seen.noteCommunity(communityId);
  }
  if (update.my_chat_member !== undefined) {
    const communityId = await noteStanding(update.my_chat_member, botId, traceparent, deps);
    if (communityId !== undefined) seen.noteCommunity(communityId);
  }
  if (update.message !== undefined) await readMessage(update.message, botId, traceparent, deps);
}
