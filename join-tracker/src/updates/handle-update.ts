import { requestHealthCheck } from '@paid-community/shared/health/request-health-check.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { MeasureJoin } from '../measurements.ts';
import type { SeenUpdates } from './seen-updates.ts';
import { trackJoin, type TrackJoinDeps } from '../joins/track-join.ts';
import { isJoin, type ChatMemberUpdated, type Update } from './telegram/update.ts';

export interface HandleUpdateDeps extends TrackJoinDeps {
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
  deps.seen.note();
  if (update.chat_member !== undefined && isJoin(update.chat_member))
    deps.measureJoin(await trackJoin(update.chat_member, botId, traceparent, deps));
  if (update.my_chat_member !== undefined) await askForRights(update.my_chat_member, botId, traceparent, deps);
}

/**
 * The bot's standing in some chat changed. Only link-worker can find out what the bot may do in ours now: it is asked at
 * once, and tells what it finds. A private chat is left out: somebody has blocked the bot or not, and the chat has their
 * id.
 */
async function askForRights(
  { chat, new_chat_member }: ChatMemberUpdated,
  botId: string | undefined,
  traceparent: string,
  { eventBus, clock, log }: HandleUpdateDeps,
): Promise<void> {
  if (chat.id > 0) return;
  const chatId = String(chat.id);
  await requestHealthCheck({ askedBy: 'join-tracker', chatId, traceparent }, { eventBus, clock });
  log.info({ chatId, botId, status: new_chat_member.status }, 'the standing of the bot in a chat changed');
}
