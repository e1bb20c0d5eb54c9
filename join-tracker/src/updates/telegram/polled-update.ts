import { errorCode, errorMessage, PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { summarizeIssues } from '@paid-community/shared/platform/validation/validator.ts';
import { handleUpdate, type HandleUpdateDeps } from '../handle-update.ts';
import { parkUpdate } from '../park-update.ts';
import type { BegunUpdates } from './begun-updates.ts';
import { validateUpdate } from './update.ts';

/**
 * With the pauses of the poll, which grow to a minute, this is about a quarter of an hour. Each attempt after the first
 * begins with a write, and counts only when that succeeds: so no outage of the store ends here, however long.
 */
export const MOST_ATTEMPTS = 20;
/** Times that a process died while it handled the update; a restart that was meant, in the wrong moment, counts too. */
export const MOST_DEATHS = 5;

interface Deps extends HandleUpdateDeps {
  readonly telemetry: Telemetry;
  /** The bot that is polled; undefined for the default one. */
  readonly botId?: string | undefined;
}

/** A poll, unlike a webhook, cannot leave one update behind. One that can never be handled becomes a dead letter. */
export class PolledUpdate {
  readonly #deps: Deps;
  readonly #begun: BegunUpdates;
  /** The one that the poll stands at, and how often it has failed. */
  #failing: { readonly updateId: number; readonly attempts: number } | undefined;

  constructor(deps: Deps, begun: BegunUpdates) {
    this.#deps = deps;
    this.#begun = begun;
  }

  /**
   * Resolves when the poll may go on behind it. @throws what failed, to be tried again; RetryableError when it could
   * not be parked.
   */
  async deal(input: { readonly update_id: number }): Promise<void> {
    const { telemetry, botId } = this.#deps;
    const updateId = input.update_id;
    const failed = this.#failing?.updateId === updateId ? this.#failing.attempts : 0;
    const times = await this.#begun.begin(updateId, failed > 0);
    if (times > MOST_DEATHS) {
      await parkUpdate(
        input,
        botId,
        {
          attempts: times - 1,
          code: 'process_died',
          reason: `The process died ${times - 1} times while it handled this update`,
        },
        this.#deps,
      );
      this.#begun.end(updateId);
      return;
    }
    const attempts = failed + 1;
    try {
      const update = validateUpdate(input);
      if (update.valid) {
        // As a webhook's request would be: each update is a trace of its own.
        await telemetry.inSpan({ kind: 'consumer', name: 'process telegram-updates' }, (span) =>
          handleUpdate(update.value, botId, span.traceparent, this.#deps),
        );
      } else {
        await parkUpdate(
          input,
          botId,
          { attempts, code: 'invalid_update', reason: summarizeIssues(update.issues) },
          this.#deps,
        );
      }
    } catch (error) {
      this.#failing = { updateId, attempts };
      if (!(error instanceof PermanentError) && attempts < MOST_ATTEMPTS) throw error;
      await parkUpdate(input, botId, { attempts, code: errorCode(error), reason: errorMessage(error) }, this.#deps);
    } finally {
      this.#begun.end(updateId);
    }
  }

  /** All that Telegram gave is dealt with. @throws RetryableError */
  allAreDone(): Promise<void> {
    return this.#begun.over();
  }
}
