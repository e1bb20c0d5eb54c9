import { exponentialBackoffMs } from '@paid-community/shared/delivery/backoff.ts';
import { toDeadLetter } from '@paid-community/shared/delivery/dead-letter.ts';
import type { Clock } from '@paid-community/shared/ports/clock.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { ALLOWED_UPDATES } from '@paid-community/shared/telegram/webhook.ts';
import type { Telemetry } from '@paid-community/shared/telemetry/telemetry.ts';
import { deadLetterTopic } from '@paid-community/shared/topology.ts';
import { compileValidator, summarizeIssues } from '@paid-community/shared/validation/validator.ts';
import { Type } from 'typebox';
import { handleUpdate, type HandleUpdateDeps } from '../handle-update.ts';
import { validateUpdate } from './update.ts';

/** Telegram holds the call open for so long when there is nothing. */
const LONG_POLL_SECONDS = 50;
const LONG_POLL_TIMEOUT_MS = (LONG_POLL_SECONDS + 10) * 1_000;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

export interface PollDeps extends HandleUpdateDeps {
  readonly botApi: BotApi;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const validateBatch = compileValidator(Type.Array(Type.Object({ update_id: Type.Integer() })));

/**
 * Asks Telegram for updates until `signal` aborts. An update is confirmed, by the offset of the next call, only after it was
 * dealt with, so a crash brings it again. A webhook that is set would take the updates, so it is removed first.
 */
export async function pollUpdates(deps: PollDeps, signal: AbortSignal): Promise<void> {
  const { botApi, clock, log } = deps;
  let offset: number | undefined;
  let failures = 0;
  let webhookRemoved = false;
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    try {
      if (!webhookRemoved) {
        await botApi.call('deleteWebhook', {}, { signal });
        webhookRemoved = true;
        log.info({ allowedUpdates: ALLOWED_UPDATES }, 'asking Telegram for updates (TELEGRAM_UPDATES=polling)');
      }
      const parameters = { timeout: LONG_POLL_SECONDS, allowed_updates: ALLOWED_UPDATES, ...(offset === undefined ? {} : { offset }) };
      const batch = validateBatch(await botApi.call('getUpdates', parameters, { timeoutMs: LONG_POLL_TIMEOUT_MS, signal }));
      if (!batch.valid) throw new TelegramCallError(`Telegram sent updates that cannot be read: ${summarizeIssues(batch.issues)}`);
      for (const update of batch.value) {
        await deal(update, deps);
        offset = update.update_id + 1;
      }
      failures = 0;
    } catch (error) {
      if (stopped()) return;
      failures += 1;
      const orderedMs = error instanceof TelegramApiError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
      const waitMs = Math.max(orderedMs, exponentialBackoffMs(failures, FIRST_BACKOFF_MS, MAX_BACKOFF_MS));
      log.warn({ error, waitMs }, 'updates could not be taken; trying again');
      await clock.sleep(waitMs, signal);
    }
  }
}

// Unlike a webhook, a poll cannot leave one update behind: what cannot be read is parked with the dead letters.
async function deal(input: { readonly update_id: number }, deps: PollDeps): Promise<void> {
  const update = validateUpdate(input);
  if (update.valid) {
    // As a webhook's request would be: each update is a trace of its own.
    return deps.telemetry.inSpan({ kind: 'consumer', name: 'process telegram-updates' }, (span) => handleUpdate(update.value, span.traceparent, deps));
  }
  const message = { data: JSON.stringify(input), attributes: { id: `telegram-update-${input.update_id}` } };
  const reason = summarizeIssues(update.issues);
  await deps.eventBus.publish(deadLetterTopic, toDeadLetter(message, { source: 'telegram-updates', attempts: 1, code: 'invalid_update', reason }));
  deps.log.error({ updateId: input.update_id, issues: update.issues, outcome: 'dead_lettered' }, 'Telegram sent an update of an unknown shape');
}
