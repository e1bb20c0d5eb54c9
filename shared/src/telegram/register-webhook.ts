import { exponentialBackoffMs } from '../platform/delivery/backoff.ts';
import type { Logger } from '../platform/log/logger.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { BotApi } from './bot-api.ts';
import { setWebhook, WEBHOOK_PATH, type Webhook } from './webhook.ts';

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

export interface RegistrationDeps {
  readonly botApi: BotApi;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Sets the webhook (see setWebhook) and logs what it changed. A failure is logged and tried again until `signal`
 * aborts: what is wrong may be a network that is not up yet, or a host name that Telegram does not know yet, and until
 * it is mended no join arrives.
 */
export async function registerWebhook(
  webhook: Webhook,
  { botApi, clock, log }: RegistrationDeps,
  signal: AbortSignal,
): Promise<void> {
  const stopped = (): boolean => signal.aborted;
  for (let failures = 1; !stopped(); failures += 1) {
    try {
      const changed = await setWebhook(webhook, botApi, { signal });
      if (Object.keys(changed).length > 0) log.info({ changed }, 'the webhook is registered');
      else
        log.info(
          { url: `${webhook.baseUrl}${WEBHOOK_PATH}` },
          'the webhook was registered already; its secret was sent again',
        );
      return;
    } catch (error) {
      if (stopped()) return;
      const waitMs = exponentialBackoffMs(failures, FIRST_BACKOFF_MS, MAX_BACKOFF_MS);
      const hint = 'check TELEGRAM_BOT_TOKEN, and that BASE_URL is https, public, and on port 443, 80, 88 or 8443';
      log.error({ error, hint, waitMs }, 'the webhook is not registered, so joins are not reported; trying again');
      await clock.sleep(waitMs, signal);
    }
  }
}
