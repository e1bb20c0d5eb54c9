import { createBotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { pollUpdates, type PollDeps } from './poll-updates.ts';

export interface PollConfig {
  readonly TELEGRAM_API_ROOT: string;
  readonly TELEGRAM_BOT_TOKEN: string;
}

/** Polls with a client of its own. @throws ConfigError when the environment names a proxy that is none. */
export async function pollWithToken(
  { TELEGRAM_API_ROOT: apiRoot, TELEGRAM_BOT_TOKEN: token }: PollConfig,
  deps: Omit<PollDeps, 'botApi'>,
  signal: AbortSignal,
): Promise<void> {
  const botApi = createBotApi({ apiRoot, token }, deps.telemetry, deps.clock);
  try {
    await pollUpdates({ ...deps, botApi }, signal);
  } finally {
    botApi.close();
  }
}
