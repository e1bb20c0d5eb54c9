import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { noteStanding } from '../chats/note-standing.ts';
import { readMessage } from '../chats/read-message.ts';
import { trackJoin, type TrackJoinDeps } from '../joins/track-join.ts';
import type { MeasureJoin } from '../measurements.ts';
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
  if (update.chat_member !== undefined && isJoin(update.chat_member)) {
    const join = await trackJoin(update.chat_member, botId, traceparent, deps);
    measureJoin(join);
    if (join.communityId !== undefined) seen.noteCommunity(join.communityId);
  }
  if (update.my_chat_member !== undefined) {
    const communityId = await noteStanding(update.my_chat_member, botId, traceparent, deps);
    if (communityId !== undefined) seen.noteCommunity(communityId);
  }
  if (update.message !== undefined) await readMessage(update.message, botId, traceparent, deps);
}
