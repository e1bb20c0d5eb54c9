import { pollId, polledUpdates } from '@paid-community/shared/model/operations/polled-update.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

/**
 * Counts on stable storage, before an update is handled, that its handling begins. Telegram gives a new process first
 * what the one before has not confirmed, so an update that ends the process is among the first that its successor gets:
 * only these are counted, and what has failed before; otherwise polling costs no write.
 */
export class BegunUpdates {
  readonly #store: DocumentStore;
  readonly #pollId: string;
  #begun: Map<string, number> | undefined;
  #isOver = false;

  /** `botId`: whose poll it is; undefined for the default bot. */
  constructor(store: DocumentStore, botId: string | undefined) {
    this.#store = store;
    this.#pollId = pollId(botId);
  }

  /**
   * How often the handling of this update has begun and not ended, with this time. @throws RetryableError when it could
   * not be counted.
   */
  async begin(updateId: number, hasFailed: boolean): Promise<number> {
    if (this.#isOver && !hasFailed) return 1;
    this.#begun ??= new Map(Object.entries((await this.#store.get(polledUpdates, this.#pollId))?.data.begun ?? {}));
    const times = (this.#begun.get(String(updateId)) ?? 0) + 1;
    await this.#write(new Map(this.#begun).set(String(updateId), times));
    this.#begun.set(String(updateId), times);
    return times;
  }

  /** It ended, well or not: the process is alive. */
  end(updateId: number): void {
    this.#begun?.delete(String(updateId));
  }

  /** All that waited at the start is dealt with. @throws RetryableError */
  async over(): Promise<void> {
    if (this.#begun !== undefined) await this.#write(new Map());
    this.#begun = undefined;
    this.#isOver = true;
  }

  async #write(counts: ReadonlyMap<string, number>): Promise<void> {
    const begun = Object.fromEntries(counts);
    await changeDocument(this.#store, polledUpdates, this.#pollId, () => ({ begun }));
  }
}
