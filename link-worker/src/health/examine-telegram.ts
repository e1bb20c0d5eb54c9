import { botRateId, botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import type { Examination, HealthCheck } from '@paid-community/shared/health/answer-health-check.ts';
import { clockSkewFinding } from '@paid-community/shared/health/clock-skew.ts';
import { secretFingerprint } from '@paid-community/shared/health/secret-fingerprint.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { setWebhook } from '@paid-community/shared/telegram/webhook.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import type { ServingBot } from '../bots/serving-bot.ts';
import { askTelegram, LOOK_TIMEOUT_MS } from './ask-telegram.ts';
import { botFindings } from './bot-findings.ts';
import type { Reply } from './reply.ts';
import { pauseFinding } from './pause-finding.ts';
import { webhookFindings, type UpdatesSetting } from './webhook-findings.ts';

export interface ExamineTelegramDeps {
  readonly serving: ServingBot;
  readonly store: DocumentStore;
  readonly updates: UpdatesSetting;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * All that the token of a bot lets us see of it and of one chat. The webhook is set first when the check asks for it.
 * @throws RetryableError when the store does not answer.
 */
export async function examineTelegram(
  check: HealthCheck,
  known: HealthReport | undefined,
  deps: ExamineTelegramDeps,
): Promise<Examination> {
  const { serving, store, updates, clock } = deps;
  const { bot, chat } = serving;
  const fix = check.fix ? { fix: await fixWebhook(deps), fixedFor: check.checkId } : undefined;
  const fixedAt = fix === undefined ? undefined : clock.now();
  const replies = await askTelegram({ serving, clock });
  const secrets = updates.by === 'webhook' && updates.secret !== undefined ? [updates.secret] : [];
  const ids = { configured: chat.configuredId, current: await chat.id() };
  return {
    findings: [
      ...botFindings(replies, ids, { secrets }),
      ...webhookFindings(replies.webhook, updates, { now: clock.now(), fixedAt, secrets }),
      pauseFinding((await store.get(botRates, botRateId(bot.botId, 'link')))?.data, clock.now()),
      clockSkewFinding('clock_telegram', 'Telegram', replies.timed),
    ],
    facts: {
      updatesBy: updates.by,
      ...idOf(replies.chat, known),
      ...(updates.by === 'webhook' && updates.secret !== undefined
        ? { secretFingerprint: secretFingerprint(updates.secret) }
        : {}),
      ...(fix ?? lastFix(known)),
    },
  };
}

const validateChat = compileValidator(Type.Object({ id: Type.Integer() }));

// For join-tracker, which has no token: an @username stands for an id, and the id of a group changes. What Telegram does
// not say now, it said before.
function idOf(chat: Reply, known: HealthReport | undefined): Readonly<Record<string, string>> {
  const described = validateChat(chat.kind === 'result' ? chat.result : undefined);
  const chatId = described.valid ? String(described.value.id) : known?.facts['chatId'];
  return chatId === undefined ? {} : { chatId };
}

// The one who asked for it may not have read it yet.
function lastFix(known: HealthReport | undefined): Readonly<Record<string, string>> {
  const { fix, fixedFor } = known?.facts ?? {};
  return fix === undefined || fixedFor === undefined ? {} : { fix, fixedFor };
}

/** In one sentence what was done, or why nothing could be done. */
async function fixWebhook({ serving: { bot }, updates, log }: ExamineTelegramDeps): Promise<string> {
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
    const changed = await setWebhook({ baseUrl, secret }, bot.api, options);
    log.info({ changed }, 'the webhook was set by doctor --fix');
    const names = Object.keys(changed);
    return names.length === 0
      ? 'The webhook was set again, with its secret; nothing else was different'
      : `The webhook was set; different were: ${names.join(', ')}`;
  } catch (error) {
    if (!(error instanceof TelegramApiError || error instanceof TelegramCallError)) throw error;
    log.warn({ error }, 'the webhook could not be set');
    return `The webhook could not be set: ${error.message}`;
  }
}
