import { confidentialRootUrl, matching, webhookSecrets } from '../platform/config/parsers.ts';
import { setting } from '../platform/config/settings.ts';

const TOKEN = /^[1-9]\d*:[A-Za-z0-9_-]{8,}$/;
const TOKEN_IN_WORDS = 'of the form 123456789:AAExample (digits, a colon, letters and digits)';

/** Settings of every service that calls the Bot API; `botTokensOf` reads both tokens. */
export const botApiSettings = {
  TELEGRAM_BOT_TOKEN: setting({
    description: 'token of the bot, as @BotFather gave it',
    parse: matching(TOKEN, TOKEN_IN_WORDS),
    secret: true,
    distinct: true,
  }),
  TELEGRAM_BOT_TOKENS: setting<readonly string[]>({
    description: 'tokens of further bots, comma-separated; that of TELEGRAM_BOT_TOKEN may be among them',
    parse: tokens,
    fallback: [],
    secret: true,
  }),
  TELEGRAM_API_ROOT: setting({
    description: 'root URL of the Bot API; a self-hosted Bot API server has another',
    parse: confidentialRootUrl(),
    fallback: 'https://api.telegram.org',
  }),
};

/** The community. */
export const chatId = setting({
  description: 'id of the community, such as -1001234567890, or @username of a public one',
  parse: matching(
    /^(-[1-9]\d*|@[A-Za-z]\w{3,31})$/,
    'a chat id such as -1001234567890 (a group or channel has a negative one), or an @username',
  ),
  aliases: ['TELEGRAM_CHANNEL_ID'],
});

/** Where the updates come in, and where the webhook is registered. */
export const webhookSecret = setting({
  description:
    'secret that Telegram sends with every update, 16 to 256 characters of A-Z a-z 0-9 _ -; with two, comma-separated, the first is registered and both are accepted',
  parse: webhookSecrets(),
  secret: true,
  distinct: true,
});

function tokens(input: string): readonly string[] {
  const parts = input.split(',').map((part) => part.trim());
  const bad = parts.flatMap((part, index) => (TOKEN.test(part) ? [] : [index + 1]));
  if (bad.length > 0)
    throw new Error(
      `must be tokens ${TOKEN_IN_WORDS}, separated by commas: of the ${parts.length}, number ${bad.join(' and number ')} ${bad.length === 1 ? 'is not' : 'are not'}`,
    );
  return parts;
}
