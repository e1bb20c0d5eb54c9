/** One purchase, as every side queues it. `requestId` is what repeats are told apart by. */
export interface Purchase {
  readonly requestId: string;
  readonly userId: string;
  readonly transactionId: string;
}

export interface SideSettings {
  /** Where this side keeps its data: a folder, a PostgreSQL or a Redis connection string. */
  readonly store: string;
  readonly telegramRoot: string;
  /** Link calls under way at once. */
  readonly concurrency: number;
  /** 'links': the whole job. 'nothing': a handler that does nothing, to see the queue alone. */
  readonly handler: 'links' | 'nothing';
}

export interface SideEvents {
  /** The link of this request is durable. */
  recorded(requestId: string): void;
  /** A handler has run to its end, whether or not there was something to do. */
  handled(): void;
}

/** What is compared: something that takes purchases durably and works them off in the background. */
export interface JobSide {
  /** What it is, with versions and the settings that decide about durability, as it says itself. */
  describe(): Promise<string>;
  /** Durable when resolved. */
  accept(purchase: Purchase): Promise<void>;
  /** The same for many, in the way that the product recommends for it. */
  acceptMany(purchases: readonly Purchase[]): Promise<void>;
  /** Delivers what is done already once more, each message once. */
  replay(purchases: readonly Purchase[]): Promise<void>;
  /** From now on, what is queued is worked off. */
  work(): Promise<void>;
  /** Those of the given requests whose link is not recorded; read from the store. */
  withoutLink(requestIds: readonly string[]): Promise<number>;
  /** Ends in an orderly way. */
  close(): Promise<void>;
}

export type OpenSide = (settings: SideSettings, events: SideEvents) => Promise<JobSide>;
