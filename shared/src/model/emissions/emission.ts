import type { Collection } from '../../platform/ports/topology-types.ts';

/** The ledger: one entry for each event that WebEngage has taken. */
export interface Emission {
  readonly eventId: string;
  readonly requestId: string;
  readonly eventName: string;
  readonly sentAt: string;
  /**
   * What WebEngage said; the body is cut. Status 0: the entry was rebuilt from an event that the bus had acknowledged.
   */
  readonly answer: { readonly status: number; readonly body: string };
  /** See model/retention.ts. */
  readonly expiresAt?: string | undefined;
}

/** Id: the event id. */
export const emissions: Collection<Emission> = {
  name: 'emissions',
  writtenBy: 'event-emitter',
  indexes: [],
  ttlField: 'expiresAt',
};

/** What WebEngage knows the events as. */
export const eventNames = {
  linkCreated: 'pass_paid_community_telegram_link_created',
  memberJoined: 'pass_paid_community_telegram_joined',
} as const;
