import { matching, rootUrl } from '../config/parsers.ts';
import type { Setting } from '../config/settings.ts';

/** Settings of every service that calls the Bot API. */
export const botApiSettings = {
  TELEGRAM_BOT_TOKEN: {
    description: 'token of the bot, as @BotFather gave it',
    parse: matching(/^\d+:[A-Za-z0-9_-]+$/, 'of the form 123456789:AAExample (digits, a colon, letters and digits)'),
    secret: true,
  } as Setting<string>,
  TELEGRAM_API_ROOT: {
    description: 'root URL of the Bot API; a self-hosted Bot API server has another',
    parse: rootUrl('https:', 'http:'),
    fallback: 'https://api.telegram.org',
  } as Setting<string>,
};
