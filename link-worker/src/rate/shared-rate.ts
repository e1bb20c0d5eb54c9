import { botRates, type BotRate } from '@paid-community/shared/documents/bot-rates.ts';
import { ConflictError } from '@paid-community/shared/delivery/errors.ts';
import { createDocument, updateDocument, type DocumentStore, type Snapshot } from '@paid-community/shared/ports/document-store.ts';
import { unknownRate, withinBounds, type RateBounds, type RateState } from './rate-state.ts';

/** What a document says, or would say if there were none yet. */
export interface KnownRate {
  readonly state: RateState;
  readonly grantedUntilMs: number;
  readonly grantedTo: string;
}

/** So many losses in a row are no race any more. A dozen instances that all want a slice in the same moment lose fewer. */
const MAX_CONFLICTS = 50;

/** The document that the instances share. One read for each look, one read and one write for each change. */
export class SharedRate {
  readonly #store: DocumentStore;
  readonly #botId: string;
  readonly #bounds: RateBounds;

  constructor(store: DocumentStore, botId: string, bounds: RateBounds) {
    this.#store = store;
    this.#botId = botId;
    this.#bounds = bounds;
  }

  async read(now: number): Promise<KnownRate> {
    return this.#known(await this.#store.get(botRates, this.#botId), now);
  }

  /**
   * Writes what `change` makes of what is there, until nobody comes in between. Undefined: nothing is to be changed.
   * @throws ConflictError when somebody always does.
   */
  async change(now: number, change: (known: KnownRate) => KnownRate | undefined): Promise<void> {
    for (let conflicts = 0; ; conflicts += 1) {
      const read = await this.#store.get(botRates, this.#botId);
      const changed = change(this.#known(read, now));
      if (changed === undefined) return;
      const document = this.#documentOf(changed);
      try {
        await this.#store.commit([read === undefined ? createDocument(botRates, this.#botId, document) : updateDocument(botRates, read, document)]);
        return;
      } catch (error) {
        if (!(error instanceof ConflictError) || conflicts >= MAX_CONFLICTS) throw error;
      }
    }
  }

  #known(read: Snapshot<BotRate> | undefined, now: number): KnownRate {
    const unknown = unknownRate(this.#bounds, now);
    if (read === undefined) return { state: unknown, grantedUntilMs: 0, grantedTo: '' };
    const { pausedUntil, grantedUntil, grantedTo, learned } = read.data;
    return {
      state: { ...this.#readable(learned, unknown), pausedUntil: Date.parse(pausedUntil) },
      grantedUntilMs: Date.parse(grantedUntil),
      grantedTo,
    };
  }

  /** What an older or newer version has stored counts only when it is complete. The settings of this process win over it. */
  #readable(learned: Readonly<Record<string, number>> | undefined, unknown: RateState): RateState {
    if (!this.#bounds.adaptive || learned === undefined) return unknown;
    if (!Object.keys(unknown).every((name) => name === 'pausedUntil' || Number.isFinite(learned[name]))) return unknown;
    const state = { ...unknown, ...learned };
    return { ...state, perSecond: withinBounds(state.perSecond, this.#bounds) };
  }

  #documentOf({ state, grantedUntilMs, grantedTo }: KnownRate): BotRate {
    const { pausedUntil, ...learned } = state;
    return {
      pausedUntil: new Date(pausedUntil).toISOString(),
      grantedUntil: new Date(grantedUntilMs).toISOString(),
      grantedTo,
      ...(this.#bounds.adaptive ? { learned } : {}),
    };
  }
}
