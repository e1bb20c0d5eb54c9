import type { Logger } from '@paid-community/shared/log/logger.ts';
import type { SeenUpdates } from './seen-updates.ts';
import { trackJoin, type TrackJoinDeps } from './track-join.ts';
import { isJoin, type ChatMemberUpdated, type Update } from './telegram/update.ts';

export interface HandleUpdateDeps extends TrackJoinDeps {
  readonly seen: SeenUpdates;
}

/** One update of Telegram, however it came. Resolves when nothing of it can be lost any more. */
export async function handleUpdate(update: Update, traceparent: string, deps: HandleUpdateDeps): Promise<void> {
  deps.seen.note();
  if (update.chat_member !== undefined && isJoin(update.chat_member)) await trackJoin(update.chat_member, traceparent, deps);
  if (update.my_chat_member !== undefined) warnOfLostRights(update.my_chat_member, deps.log);
}

function warnOfLostRights({ chat, new_chat_member }: ChatMemberUpdated, log: Logger): void {
  const { status } = new_chat_member;
  const chatId = chat.id;
  if (status === 'administrator') log.info({ chatId, status }, 'the bot is an administrator of a chat');
  else log.error({ chatId, status, hint: 'make it an administrator with the right to invite users' }, 'the bot is no administrator any more: no links, no joins');
}
