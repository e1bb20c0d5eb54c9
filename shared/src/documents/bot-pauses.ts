import type { Collection } from '../topology-types.ts';

/** Telegram's order to wait: no link call for this bot before `pausedUntil`, across restarts. */
export interface BotPause {
  readonly pausedUntil: string;
}

/** Id: the bot's numeric id (the part of its token before the colon, which is no secret). */
export const botPauses: Collection<BotPause> = { name: 'bot_pauses', writtenBy: 'link-worker', indexes: [] };
