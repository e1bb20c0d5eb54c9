import { quoteOutside, quoteUrl } from '../platform/log/quote-outside.ts';
import { compileValidator } from '../platform/validation/validator.ts';
import { Type, type Static } from 'typebox';
import type { BotApi, CallOptions } from './bot-api.ts';

/** Under the public URL of join-tracker, wherever it runs. */
export const WEBHOOK_PATH = '/v1/telegram/webhook';

/** Holds the secret_token of setWebhook: https://core.telegram.org/bots/api#setwebhook */
export const SECRET_HEADER = 'X-Telegram-Bot-Api-Secret-Token';

/** What Telegram must send us; chat_member comes only when it is named. */
export const ALLOWED_UPDATES: readonly string[] = ['chat_member', 'my_chat_member'];

/** Telegram knows fewer kinds of updates. */
const MOST_KINDS = 40;

export type WebhookInfo = Static<typeof WebhookInfo>;

/** https://core.telegram.org/bots/api#webhookinfo */
const WebhookInfo = Type.Object({
  /** Empty when none is set. */
  url: Type.String(),
  pending_update_count: Type.Optional(Type.Integer()),
  /** Unix seconds, of a year with four digits. */
  last_error_date: Type.Optional(Type.Integer({ minimum: 0, maximum: 253_402_300_799 })),
  last_error_message: Type.Optional(Type.String()),
  /** Absent when it is the default, which lacks chat_member. */
  allowed_updates: Type.Optional(Type.Array(Type.String())),
});

export const validateWebhookInfo = compileValidator(WebhookInfo);

export interface Webhook {
  /** Public https URL of join-tracker. */
  readonly baseUrl: string;
  readonly secret: string;
}

export type WebhookChanges = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;

/**
 * Points the bot's webhook at us, and returns what that changed; empty when only the secret was sent again. It is set
 * even when all looks right, because Telegram does not tell whether its secret is ours. Waiting updates are kept.
 * @throws TelegramApiError, TelegramCallError
 */
export async function setWebhook(
  { baseUrl, secret }: Webhook,
  botApi: BotApi,
  options: CallOptions,
): Promise<WebhookChanges> {
  const url = `${baseUrl}${WEBHOOK_PATH}`;
  const info = validateWebhookInfo(await botApi.call('getWebhookInfo', {}, options));
  const before: WebhookInfo = info.valid ? info.value : { url: '' };
  await botApi.call('setWebhook', { url, secret_token: secret, allowed_updates: ALLOWED_UPDATES }, options);
  return {
    ...(before.url === url ? {} : { url: { from: quoteUrl(before.url, { secrets: [secret] }), to: url } }),
    ...(sameMembers(before.allowed_updates ?? [], ALLOWED_UPDATES)
      ? {}
      : {
          allowedUpdates: {
            from:
              before.allowed_updates?.slice(0, MOST_KINDS).map((name) => quoteOutside(name, { secrets: [secret] })) ??
              'the default, without chat_member',
            to: ALLOWED_UPDATES,
          },
        }),
  };
}

function sameMembers(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((member) => right.includes(member));
}
