import { exponentialBackoffMs } from '@paid-community/shared/delivery/backoff.ts';
import type { Logger } from '@paid-community/shared/log/logger.ts';
import type { Clock } from '@paid-community/shared/ports/clock.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { compileValidator } from '@paid-community/shared/validation/validator.ts';
import { Type } from 'typebox';
import { ALLOWED_UPDATES } from './update.ts';

export const WEBHOOK_PATH = '/v1/telegram/webhook';

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

const validateInfo = compileValidator(Type.Object({ url: Type.String(), allowed_updates: Type.Optional(Type.Array(Type.String())) }));

export interface RegistrationDeps {
  readonly botApi: BotApi;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Points the bot's webhook at us and logs what it changed. It is set even when all looks right, because Telegram does not tell
 * whether its secret is ours. Waiting updates are kept. A failure is logged and tried again until `signal` aborts: what
 * is wrong may be a network that is not up yet, or a host name that Telegram does not know yet, and until it is mended no join arrives.
 */
export async function registerWebhook(webhook: { readonly baseUrl: string; readonly secret: string }, deps: RegistrationDeps, signal: AbortSignal): Promise<void> {
  const { clock, log } = deps;
  const stopped = (): boolean => signal.aborted;
  for (let failures = 1; !stopped(); failures += 1) {
    try {
      await setWebhook(`${webhook.baseUrl}${WEBHOOK_PATH}`, webhook.secret, deps, signal);
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

async function setWebhook(url: string, secret: string, { botApi, log }: RegistrationDeps, signal: AbortSignal): Promise<void> {
  const info = validateInfo(await botApi.call('getWebhookInfo', {}, { signal }));
  const before = info.valid ? info.value : { url: '', allowed_updates: undefined };
  await botApi.call('setWebhook', { url, secret_token: secret, allowed_updates: ALLOWED_UPDATES }, { signal });
  const changed = {
    ...(before.url === url ? {} : { url: { from: before.url, to: url } }),
    ...(sameMembers(before.allowed_updates ?? [], ALLOWED_UPDATES)
      ? {}
      : { allowedUpdates: { from: before.allowed_updates ?? 'the default, without chat_member', to: ALLOWED_UPDATES } }),
  };
  if (Object.keys(changed).length === 0) log.info({ url }, 'the webhook was registered already; its secret was sent again');
  else log.info({ changed }, 'the webhook is registered');
}

function sameMembers(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((member) => right.includes(member));
}
