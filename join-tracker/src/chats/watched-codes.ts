import { botsWithOpenCodes } from '@paid-community/shared/communities/open-codes.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

/** Sooner than a person can pass a link on and tap it. */
const LOOK_EVERY_MS = 2_000;

/** Whether a connection link of a bot may be tapped. */
export interface OpenCodes {
  readonly areOpen: boolean;
  /** Aborts when this is not so any more. */
  readonly changed: AbortSignal;
}

export interface CodesOfBot {
  now(): OpenCodes;
}

interface Watched {
  areOpen: boolean;
  change: AbortController;
}

/** Tells each poll when it must begin to ask for messages, and when it must stop. */
export class WatchedCodes {
  readonly #store: DocumentStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #bots = new Map<string, Watched>();

  constructor({ store, clock, log }: { readonly store: DocumentStore; readonly clock: Clock; readonly log: Logger }) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  of(botId: string): CodesOfBot {
    const watched: Watched = { areOpen: false, change: new AbortController() };
    this.#bots.set(botId, watched);
    return { now: () => ({ areOpen: watched.areOpen, changed: watched.change.signal }) };
  }

  /** One query every two seconds, for all bots, until `signal` aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#note(await botsWithOpenCodes(this.#store));
      } catch (error) {
        this.#log.warn({ error }, 'it could not be seen whether a connection link may be tapped; looking again');
      }
      await this.#clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  #note(open: ReadonlySet<string>): void {
    for (const [botId, watched] of this.#bots) {
      if (watched.areOpen === open.has(botId)) continue;
      const { change } = watched;
      watched.areOpen = open.has(botId);
      watched.change = new AbortController();
      change.abort();
    }
  }
}
