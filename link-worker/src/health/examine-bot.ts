import { hasOpenCode } from '@paid-community/shared/communities/open-codes.ts';
import { botRateId, botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import {
  ALLOWED_UPDATES,
  allowedUpdates,
  setWebhook,
  validateWebhookInfo,
  webhookUrl,
} from '@paid-community/shared/telegram/webhook.ts';
import type { Bot } from '../bots/bot.ts';
import { tokenFinding } from './bot-findings.ts';
import { LOOK_TIMEOUT_MS, type BotLook } from './look-at-bot.ts';
import { pauseFinding } from './pause-finding.ts';
import { webhookFindings, type UpdatesSetting } from './webhook-findings.ts';

export interface ExamineBotDeps {
  readonly store: DocumentStore;
  readonly updates: UpdatesSetting;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A bot, and as which one of the settings: `furtherBotId` is undefined for the default bot. */
export interface ExaminedBot {
  readonly bot: Bot;
  readonly furtherBotId: string | undefined;
}

/** The token, the webhook and the pause of a bot. @throws RetryableError when the store does not answer. */
export async function examineBot(
  { bot, furtherBotId }: ExaminedBot,
  { me, webhook }: BotLook,
  fixedAt: number | undefined,
  { store, updates, clock }: ExamineBotDeps,
): Promise<readonly [token: Finding, ...others: Finding[]]> {
  const secrets = secretsOf(updates);
  return [
    tokenFinding(me, { secrets }, furtherBotId),
    ...webhookFindings(webhook, updates, { botId: furtherBotId, now: clock.now(), fixedAt, secrets }),
    pauseFinding((await store.get(botRates, botRateId(bot.botId, 'link')))?.data, clock.now()),
  ];
}

export function secretsOf(updates: UpdatesSetting): readonly string[] {
  return updates.by === 'webhook' && updates.secret !== undefined ? [updates.secret] : [];
}

/** In one sentence what was done, or why nothing could be done. */
export async function fixWebhook(
  { bot, furtherBotId }: ExaminedBot,
  { updates, store, log }: ExamineBotDeps,
): Promise<string> {
  const options = { timeoutMs: LOOK_TIMEOUT_MS };
  try {
    if (updates.by === 'polling') {
      await bot.api.call('deleteWebhook', {}, options);
      return 'The webhook was removed, as polling needs it';
    }
    const { baseUrl, secret } = updates;
    if (baseUrl === undefined || secret === undefined) {
      const missing = [
        baseUrl === undefined ? 'BASE_URL (where link-worker runs by itself: WEBHOOK_BASE_URL)' : [],
        secret === undefined ? 'TELEGRAM_WEBHOOK_SECRET' : [],
      ].flat();
      return `The webhook was not set: link-worker needs ${missing.join(' and ')}`;
    }
    const readsMessages = await hasOpenCode(bot.botId, store);
    const changed = await setWebhook({ baseUrl, secret, botId: furtherBotId, readsMessages }, bot.api, options);
    log.info({ botId: bot.botId, changed }, 'the webhook was set by doctor --fix');
    const names = Object.keys(changed);
    return names.length === 0
      ? 'The webhook was set again, with its secret; nothing else was different'
      : `The webhook was set; different were: ${names.join(', ')}`;
  } catch (error) {
    if (!(error instanceof TelegramApiError || error instanceof TelegramCallError)) throw error;
    log.warn({ botId: bot.botId, error }, 'the webhook could not be set');
    return `The webhook could not be set: ${error.message}`;
  }
}

/**
 * Messages are asked for while a connection code of the bot is open, and only then. Only a webhook that is ours is
 * changed.
 */
export async function keepUpdatesAsNeeded(
  { bot, furtherBotId }: ExaminedBot,
  { webhook }: BotLook,
  { updates, store, log }: ExamineBotDeps,
): Promise<void> {
  if (updates.by === 'polling') return;
  const { baseUrl, secret } = updates;
  const info = webhook.kind === 'result' ? validateWebhookInfo(webhook.result) : undefined;
  if (baseUrl === undefined || secret === undefined || info?.valid !== true) return;
  const { url, allowed_updates: allowed = [] } = info.value;
  const isOurs = url === webhookUrl({ baseUrl, botId: furtherBotId });
  if (!isOurs || !ALLOWED_UPDATES.every((name) => allowed.includes(name))) return;
  const readsMessages = await hasOpenCode(bot.botId, store);
  if (allowed.includes(MESSAGE) === readsMessages) return;
  try {
    await setWebhook({ baseUrl, secret, botId: furtherBotId, readsMessages }, bot.api, { timeoutMs: LOOK_TIMEOUT_MS });
    log.info({ botId: bot.botId, allowedUpdates: allowedUpdates({ readsMessages }) }, 'the webhook was set');
  } catch (error) {
    if (!(error instanceof TelegramApiError || error instanceof TelegramCallError)) throw error;
    log.warn({ botId: bot.botId, readsMessages, error }, 'the webhook could not be set; the next check tries it again');
  }
}

const MESSAGE = 'message';
