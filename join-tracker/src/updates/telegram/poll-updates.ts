import { retryUntilDone } from '@paid-community/shared/platform/delivery/retry-until-done.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { orderedPauseMs, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { allowedUpdates } from '@paid-community/shared/telegram/webhook.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import type { HandleUpdateDeps } from '../handle-update.ts';
import type { CodesOfBot } from '../../chats/watched-codes.ts';
import { BegunUpdates } from './begun-updates.ts';
import { PolledUpdate } from './polled-update.ts';
import { Id } from './update.ts';

/** Telegram holds the call open for so long when there is nothing. */
const LONG_POLL_SECONDS = 50;
const LONG_POLL_TIMEOUT_MS = (LONG_POLL_SECONDS + 10) * 1_000;
/** Telegram's own. */
const MOST_AT_ONCE = 100;

export interface PollDeps extends HandleUpdateDeps {
  readonly botApi: BotApi;
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** The bot that is polled; undefined for the default one. */
  readonly botId?: string | undefined;
  /** When messages are asked for; never without it. */
  readonly openCodes?: CodesOfBot | undefined;
}

const validateBatch = compileValidator(Type.Array(Type.Unknown()));
const validateNumbered = compileValidator(Type.Object({ update_id: Id }));

/**
 * Asks Telegram for updates until `signal` aborts. An update is confirmed, by the offset of the next call, only after
 * it was dealt with, so a crash brings it again. A webhook that is set would take the updates, so it is removed first.
 */
export async function pollUpdates(deps: PollDeps, signal: AbortSignal): Promise<void> {
  const { botApi, botId, clock, log, seen, openCodes } = deps;
  const polled = new PolledUpdate(deps, new BegunUpdates(deps.store, botId));
  const poll = seen.poll(botId);
  let offset: number | undefined;
  let atOnce = MOST_AT_ONCE;
  let webhookRemoved = false;
  const takeBatch = async (): Promise<void> => {
    if (!webhookRemoved) {
      await botApi.call('deleteWebhook', {}, { signal });
      webhookRemoved = true;
      poll.succeeded();
      log.info({ botId, allowedUpdates: allowedUpdates({}) }, 'asking Telegram for updates (TELEGRAM_UPDATES=polling)');
    }
    const codes = openCodes?.now();
    const parameters = {
      timeout: LONG_POLL_SECONDS,
      allowed_updates: allowedUpdates({ readsMessages: codes?.areOpen }),
      ...(offset === undefined ? {} : { offset }),
      ...(atOnce === MOST_AT_ONCE ? {} : { limit: atOnce }),
    };
    const ended = codes === undefined ? signal : AbortSignal.any([signal, codes.changed]);
    const answer = await botApi
      .call('getUpdates', parameters, { timeoutMs: LONG_POLL_TIMEOUT_MS, signal: ended })
      .catch((error: unknown) => {
        if (codes?.changed.aborted !== true) throw error;
        // Asked again at once, for other kinds of updates; nothing was confirmed.
        return [];
      });
    const batch = readBatch(answer, deps);
    for (const update of batch) {
      await polled.deal(update);
      offset = update.update_id + 1;
    }
    await polled.allAreDone();
    atOnce = Math.min(MOST_AT_ONCE, 2 * atOnce);
    poll.succeeded();
  };
  const onFailure = (error: unknown, waitMs: number): void => {
    // So many large ones are no answer any more; one alone always is.
    if (error instanceof TelegramCallError && error.code === 'telegram_unreadable')
      atOnce = Math.max(1, Math.floor(atOnce / 2));
    const meant = poll.failed(error);
    log[meant?.kind === 'administrator' ? 'error' : 'warn'](
      { botId, error, hint: meant?.advice, waitMs },
      'updates could not be taken; trying again',
    );
  };
  while (!signal.aborted) await retryUntilDone(takeBatch, { clock, leastWaitMs: orderedPauseMs, onFailure }, signal);
}

/**
 * What has no number cannot be confirmed; but the next one that has a number confirms it along, so it stands in the way
 * of nothing as long as there is a next one.
 */
function readBatch(answer: unknown, { log }: PollDeps): { readonly update_id: number }[] {
  const batch = validateBatch(answer);
  if (!batch.valid)
    throw new TelegramCallError('Telegram answered getUpdates with something that is no list', { unreadable: true });
  const numbered = batch.value.flatMap((entry) => {
    const update = validateNumbered(entry);
    return update.valid ? [update.value] : [];
  });
  const unnumbered = batch.value.length - numbered.length;
  if (unnumbered > 0) {
    if (numbered.length === 0)
      throw new TelegramCallError('Telegram sent only updates without an update_id', { unreadable: true });
    log.error({ unnumbered }, 'Telegram sent updates without an update_id; they are left out');
  }
  return numbered;
}
