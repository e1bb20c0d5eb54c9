import { EACH_ITS_OWN, type Collection } from '../../platform/ports/topology-types.ts';

/**
 * Who one outside side was when the store last served it. Without a time, so that a store and what it was moved to say
 * the same.
 */
export interface StoreOwner {
  readonly kind: 'real' | 'simulated';
  /**
   * Telegram: the bot's numeric id, the part of its token that is no secret. WebEngage: the licence code. Absent where
   * an older version has served, and did not say.
   */
  readonly account?: string | undefined;
  /** Telegram: the chat as the settings name it. WebEngage: the host of the data centre. Absent as `account`. */
  readonly place?: string | undefined;
}

export type Side = 'telegram' | 'webengage';

/** Id: the side. */
export const storeOwners: Collection<StoreOwner> = {
  name: 'store_owners',
  owner: EACH_ITS_OWN,
  operatorWrites: false,
  keyedBy: 'side',
  personalFields: {},
  onErasure: { keep: 'is about bot, community and account' },
  indexes: [],
};
