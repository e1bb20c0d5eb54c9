import { botTokensOf } from '@paid-community/shared/telegram/bot-tokens.ts';
import { createBotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { WatchedCodes } from '../../chats/watched-codes.ts';
import { pollUpdates, type PollDeps } from './poll-updates.ts';

export interface PollConfig {
  readonly TELEGRAM_API_ROOT: string;
  readonly TELEGRAM_BOT_TOKEN: string;
  readonly TELEGRAM_BOT_TOKENS: readonly string[];
}

/**
 * Polls each bot, with a client of its own: one that Telegram refuses holds up no other.
 * @throws ConfigError when the environment names a proxy that is none.
 */
export async function pollWithTokens(
  config: PollConfig,
  deps: Omit<PollDeps, 'botApi' | 'botId' | 'openCodes'>,
  signal: AbortSignal,
): Promise<void> {
  const codes = new WatchedCodes(deps);
  const bots = botTokensOf(config).map(({ botId, token }, index) => ({
    botApi: createBotApi({ apiRoot: config.TELEGRAM_API_ROOT, token }, deps.telemetry, deps.clock),
    botId: index === 0 ? undefined : botId,
    openCodes: codes.of(botId),
  }));
  try {
    await Promise.all([codes.watch(signal), ...bots.map((bot) => pollUpdates({ ...deps, ...bot }, signal))]);
  } finally {
    for (const { botApi } of bots) botApi.close();
  }
}
