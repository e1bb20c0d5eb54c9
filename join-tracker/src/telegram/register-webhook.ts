import { errorMessage } from '@paid-community/shared/delivery/errors.ts';
import type { Logger } from '@paid-community/shared/log/logger.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { compileValidator } from '@paid-community/shared/validation/validator.ts';
import { Type } from 'typebox';
import { ALLOWED_UPDATES } from './update.ts';

export const WEBHOOK_PATH = '/v1/telegram/webhook';

const validateInfo = compileValidator(Type.Object({ url: Type.String(), allowed_updates: Type.Optional(Type.Array(Type.String())) }));

/**
 * Points the bot's webhook at us, with the secret and the updates we need, and logs what it changed. It is set even when all
 * looks right, because Telegram does not tell whether its secret is ours. Waiting updates are kept.
 * @throws TelegramApiError, TelegramCallError
 */
export async function registerWebhook(
  botApi: BotApi,
  webhook: { readonly baseUrl: string; readonly secret: string },
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const url = `${webhook.baseUrl}${WEBHOOK_PATH}`;
  const info = validateInfo(await botApi.call('getWebhookInfo', {}, { signal }));
  const before = info.valid ? info.value : { url: '', allowed_updates: undefined };
  await botApi.call('setWebhook', { url, secret_token: webhook.secret, allowed_updates: ALLOWED_UPDATES }, { signal });
  const changed = {
    ...(before.url === url ? {} : { url: { from: before.url, to: url } }),
    ...(sameMembers(before.allowed_updates ?? [], ALLOWED_UPDATES)
      ? {}
      : { allowedUpdates: { from: before.allowed_updates ?? 'the default, without chat_member', to: ALLOWED_UPDATES } }),
  };
  if (Object.keys(changed).length === 0) log.info({ url }, 'the webhook was registered already; its secret was sent again');
  else log.info({ changed }, 'the webhook is registered');
}

/** What a failed registration means, for a person. */
export function describeRegistrationFailure(error: unknown): string {
  return `Telegram refused the webhook (${errorMessage(error)}): joins will not be reported. Check TELEGRAM_BOT_TOKEN, and that BASE_URL is https and on port 443, 80, 88 or 8443`;
}

function sameMembers(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((member) => right.includes(member));
}
