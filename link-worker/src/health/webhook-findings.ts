import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import { quoteOutside, quoteUrl } from '@paid-community/shared/platform/log/quote-outside.ts';
import {
  ALLOWED_UPDATES,
  validateWebhookInfo,
  webhookUrl,
  type WebhookInfo,
} from '@paid-community/shared/telegram/webhook.ts';
import { notSeen, type Reply } from './reply.ts';

/** How Telegram's updates should come. */
export type UpdatesSetting =
  | { readonly by: 'polling' }
  /** Undefined where the setting is not there: then the webhook is somebody else's to register. */
  | { readonly by: 'webhook'; readonly baseUrl: string | undefined; readonly secret: string | undefined };

const FIX = 'npm run ops -- doctor --fix';

/** An error of longer ago says nothing about now. */
const RECENT_ERROR_MS = 15 * 60_000;

/** Telegram sends an update within a second or two; so many that wait have waited. */
const MANY_PENDING = 100;

/** The webhook as Telegram has it, against what it should be. */
export function webhookFindings(
  reply: Reply,
  updates: UpdatesSetting,
  at: {
    /** Undefined: the default bot. */
    readonly botId?: string | undefined;
    readonly now: number;
    readonly fixedAt: number | undefined;
    readonly secrets: readonly string[];
  },
): readonly Finding[] {
  const info = reply.kind === 'result' ? validateWebhookInfo(reply.result) : undefined;
  if (info?.valid !== true)
    return ['webhook_url', 'webhook_updates', 'webhook_delivery'].map((check) => notSeen(check, reply));
  if (updates.by === 'polling') return [pollingFinding(info.value)];
  const { botId, secrets } = at;
  const { baseUrl } = updates;
  const wanted = baseUrl === undefined ? undefined : webhookUrl({ baseUrl, botId });
  const quoted = {
    ...info.value,
    last_error_message: quoteOutside(info.value.last_error_message ?? 'no reason given', { secrets }),
  };
  return [urlFinding(info.value, wanted, secrets), updatesFinding(info.value), deliveryFinding(quoted, at)];
}

function pollingFinding({ url }: WebhookInfo): Finding {
  const check = 'webhook_url';
  if (url === '')
    return { check, state: 'ok', meaning: 'No webhook is set, as polling needs it (TELEGRAM_UPDATES=polling)' };
  return {
    check,
    state: 'failing',
    meaning: `Somebody has set a webhook (${quoteUrl(url)}): Telegram sends the updates there, and polling gets none`,
    advice: `${FIX} removes it. If another program uses this bot, give it a bot of its own`,
  };
}

function urlFinding({ url }: WebhookInfo, wanted: string | undefined, secrets: readonly string[]): Finding {
  const check = 'webhook_url';
  const shown = quoteUrl(url, { secrets });
  if (wanted === undefined) {
    const advice =
      'Set BASE_URL to the public https URL of this system (where link-worker runs by itself: WEBHOOK_BASE_URL to that of join-tracker)';
    if (url === '')
      return {
        check,
        state: 'failing',
        meaning: 'No webhook is registered: joins are not seen',
        advice: `${advice}, then ${FIX}`,
      };
    return { check, state: 'warning', meaning: `The webhook is ${shown}; what it should be is not known`, advice };
  }
  if (url === wanted) return { check, state: 'ok', meaning: `The webhook is ${wanted}` };
  return {
    check,
    state: 'failing',
    meaning:
      url === ''
        ? `No webhook is registered, so joins are not seen; it should be ${wanted}`
        : `The webhook is ${shown} instead of ${wanted}: joins are not seen`,
    advice: `${FIX} sets it. Telegram keeps updates for 24 hours`,
  };
}

function updatesFinding({ url, allowed_updates: allowed }: WebhookInfo): Finding {
  const check = 'webhook_updates';
  if (url === '') return { check, state: 'unknown', meaning: 'Not seen: no webhook is registered' };
  const missing = ALLOWED_UPDATES.filter((name) => allowed?.includes(name) !== true);
  // The default has my_chat_member, and lacks chat_member.
  const lacking = allowed === undefined ? missing.filter((name) => name === 'chat_member') : missing;
  if (lacking.length === 0) return { check, state: 'ok', meaning: `Telegram sends ${ALLOWED_UPDATES.join(', ')}` };
  return {
    check,
    state: 'failing',
    meaning: `Telegram does not send ${lacking.join(', ')}, and keeps none of them for later`,
    advice: `${FIX} asks for them`,
  };
}

function deliveryFinding(
  info: WebhookInfo & { readonly last_error_message: string },
  { now, fixedAt }: { readonly now: number; readonly fixedAt: number | undefined },
): Finding {
  const check = 'webhook_delivery';
  const { pending_update_count: pending = 0, last_error_date: lastErrorSeconds, last_error_message: message } = info;
  const lastErrorAt = lastErrorSeconds === undefined ? undefined : lastErrorSeconds * 1_000;
  // A fix cannot undo an error of before; whether it has helped shows when Telegram sends the next update.
  const isRecent =
    lastErrorAt !== undefined &&
    now - lastErrorAt < RECENT_ERROR_MS &&
    (fixedAt === undefined || lastErrorAt > fixedAt);
  if (isRecent && pending > 0) {
    return {
      check,
      state: 'failing',
      meaning: `Telegram cannot deliver: ${pending} updates wait, and its last error, at ${isoTime(lastErrorAt)}, is "${message}"`,
      advice: adviceFor(message),
    };
  }
  if (pending >= MANY_PENDING) {
    return {
      check,
      state: 'warning',
      meaning: `${pending} updates wait with Telegram`,
      advice: 'They come by themselves; if the number keeps growing, look at the log of join-tracker',
    };
  }
  const last =
    lastErrorAt === undefined ? 'no error so far' : `the last error was at ${isoTime(lastErrorAt)}: "${message}"`;
  return { check, state: 'ok', meaning: `${pending} updates wait with Telegram; ${last}` };
}

/** Telegram's words for what our side did (tdlib/telegram-bot-api). */
function adviceFor(message: string): string {
  if (/40[13]/.test(message)) return `The secret that Telegram has is not that of join-tracker: ${FIX} sends it again`;
  if (/404/.test(message)) return `Nothing answers at that URL; is it join-tracker? ${FIX} sets the configured one`;
  if (/5\d\d/.test(message))
    return 'join-tracker answers with an error: its log says why. Telegram keeps the updates for 24 hours';
  return 'Check that the URL leads to join-tracker from outside, with a certificate that is valid. Telegram keeps the updates for 24 hours';
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
