import { retryUntilDone } from '@paid-community/shared/platform/delivery/retry-until-done.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { orderedPauseMs } from '@paid-community/shared/telegram/errors.ts';
import { setWebhook, webhookUrl, type Webhook } from '@paid-community/shared/telegram/webhook.ts';

export interface RegistrationDeps {
  /** Asked before each try: see Webhook. */
  readonly readsMessages: () => Promise<boolean>;
  readonly botApi: BotApi;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Sets the webhook (see setWebhook) and logs what it changed. A failure is logged and tried again until `signal`
 * aborts: the network may not be up yet, or Telegram may not know the host name yet. Until then no join arrives.
 */
export async function registerWebhook(
  webhook: Omit<Webhook, 'readsMessages'>,
  { readsMessages, botApi, clock, log }: RegistrationDeps,
  signal: AbortSignal,
): Promise<void> {
  const { botId } = webhook;
  const register = async (): Promise<void> => {
    const changed = await setWebhook({ ...webhook, readsMessages: await readsMessages() }, botApi, { signal });
    if (Object.keys(changed).length > 0) log.info({ botId, changed }, 'the webhook is registered');
    else log.info({ botId, url: webhookUrl(webhook) }, 'the webhook was registered already; its secret was sent again');
  };
  const onFailure = (error: unknown, waitMs: number): void => {
    const hint = 'check the token of the bot, and that BASE_URL is https, public, and on port 443, 80, 88 or 8443';
    log.error({ botId, error, hint, waitMs }, 'the webhook is not registered, so joins are not reported; trying again');
  };
  await retryUntilDone(register, { clock, leastWaitMs: orderedPauseMs, onFailure }, signal);
}
