import { ConfigError } from '../platform/config/settings.ts';

export interface BotToken {
  readonly botId: string;
  readonly token: string;
}

/** The bot's numeric id is the part of its token before the colon, which is no secret. */
export function botIdOf(token: string): string {
  return token.split(':', 1)[0] ?? '';
}

/**
 * Every bot of the settings once, the default one first. @throws ConfigError when one bot has two different tokens.
 */
export function botTokensOf({
  TELEGRAM_BOT_TOKEN,
  TELEGRAM_BOT_TOKENS,
}: {
  readonly TELEGRAM_BOT_TOKEN: string;
  readonly TELEGRAM_BOT_TOKENS: readonly string[];
}): readonly BotToken[] {
  const tokens = [...new Set([TELEGRAM_BOT_TOKEN, ...TELEGRAM_BOT_TOKENS])];
  const ofBots = Map.groupBy(tokens, botIdOf);
  const contradicting = [...ofBots].filter(([, ofBot]) => ofBot.length > 1);
  if (contradicting.length > 0)
    throw new ConfigError(
      contradicting.map(([botId, ofBot]) => {
        const where = ofBot.includes(TELEGRAM_BOT_TOKEN)
          ? 'TELEGRAM_BOT_TOKEN and TELEGRAM_BOT_TOKENS have'
          : 'TELEGRAM_BOT_TOKENS has';
        return `${where} different tokens of the bot ${botId}: keep the one that @BotFather shows`;
      }),
    );
  return tokens.map((token) => ({ botId: botIdOf(token), token }));
}
