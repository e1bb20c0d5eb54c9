import { createHmac } from 'node:crypto';
import { quoteOutside, quoteUrl } from '../platform/log/quote-outside.ts';
import { compileValidator } from '../platform/validation/validator.ts';
import { Type, type Static } from 'typebox';
import type { BotApi, CallOptions } from './bot-api.ts';

/** The default bot's, under the public URL of join-tracker, wherever it runs. Each other bot's ends with its id. */
export const WEBHOOK_PATH = '/v1/telegram/webhook';

/** Holds the secret_token of setWebhook: https://core.telegram.org/bots/api#setwebhook */
export const SECRET_HEADER = 'X-Telegram-Bot-Api-Secret-Token';

/** What Telegram must send us; chat_member comes only when it is named. */
export const ALLOWED_UPDATES: readonly string[] = ['chat_member', 'my_chat_member', 'chat_join_request'];

/**
 * Messages bring the code of a connection link, and all that is written in the groups where the bot is an administrator.
 * So they are asked for only while a code is open.
 */
export function allowedUpdates({ readsMessages = false }: Pick<Webhook, 'readsMessages'>): readonly string[] {
  return readsMessages ? [...ALLOWED_UPDATES, 'message'] : ALLOWED_UPDATES;
}

/** The secret of a bot that is not the default one. Who learns it can speak for no other bot. */
export function derivedSecret(secret: string, botId: string): string {
  return createHmac('sha256', secret).update(`telegram-webhook:${botId}`).digest('hex');
}

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
  /** That of the settings; from it the secret of each further bot is derived. */
  readonly secret: string;
  /** Absent: the default bot. */
  readonly botId?: string | undefined;
  /** A connection code of this bot is open. */
  readonly readsMessages?: boolean | undefined;
}

export function webhookUrl({ baseUrl, botId }: Pick<Webhook, 'baseUrl' | 'botId'>): string {
  return `${baseUrl}${WEBHOOK_PATH}${botId === undefined ? '' : `/${botId}`}`;
}

export type WebhookChanges = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;

/**
 * Points the bot's webhook at us, and returns what that changed; empty when only the secret was sent again. It is set
 * even when all looks right, because Telegram does not tell whether its secret is ours. Waiting updates are kept.
 * @throws TelegramApiError, TelegramCallError
 */
export async function setWebhook(webhook: Webhook, botApi: BotApi, options: CallOptions): Promise<WebhookChanges> {
  const { secret, botId } = webhook;
  const url = webhookUrl(webhook);
  const allowed = allowedUpdates(webhook);
  const token = botId === undefined ? secret : derivedSecret(secret, botId);
  const secrets = [secret, token];
  const info = validateWebhookInfo(await botApi.call('getWebhookInfo', {}, options));
  const before: WebhookInfo = info.valid ? info.value : { url: '' };
  await botApi.call('setWebhook', { url, secret_token: token, allowed_updates: allowed }, options);
  return {
    ...(before.url === url ? {} : { url: { from: quoteUrl(before.url, { secrets }), to: url } }),
    ...(sameMembers(before.allowed_updates ?? [], allowed)
      ? {}
      : {
          allowedUpdates: {
            from:
              before.allowed_updates?.slice(0, MOST_KINDS).map((name) => quoteOutside(name, { secrets })) ??
              'the default, without chat_member',
            to: allowed,
          },
        }),
  };
}

function sameMembers(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((member) => right.includes(member));
}
