import type { KnownBots } from '@paid-community/shared/model/operations/telegram-questions.ts';
import type { Bots } from '../bots/bots.ts';
import { eachOf } from '../health/each-of.ts';
import { LOOK_TIMEOUT_MS } from '../health/look-at-bot.ts';
import { isTokenRefused, replyTo, unknownBecauseOf } from '../health/reply.ts';

/** Every bot whose token this process has, the default one first, and whether Telegram takes its token. */
export async function listBots({ all }: Bots): Promise<KnownBots> {
  const bots = await eachOf(all, async (bot) => {
    const me = await replyTo(bot.api.call('getMe', {}, { timeoutMs: LOOK_TIMEOUT_MS }));
    const fault = isTokenRefused(me)
      ? 'Telegram refuses its token: put its present one, from @BotFather, into the settings'
      : unknownBecauseOf(me);
    return { botId: bot.botId, username: fault === undefined ? await bot.username() : undefined, fault };
  });
  return { bots };
}
