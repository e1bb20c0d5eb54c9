/** What a call is for. */
export type CallClass = 'approval' | 'removal' | 'purchase' | 'message' | 'fill';

/**
 * The one table of priorities. Of a hundred turns of a bot, each class has so many while calls of all classes wait. What
 * a class does not need goes to the others in the same proportion, so nothing starves.
 */
export const SHARES: Readonly<Record<CallClass, number>> = {
  /** Somebody who paid waits at the door. */
  approval: 50,
  /** Somebody who was refunded is still inside, or has a link that works. */
  removal: 30,
  /** A buyer, or an operator, waits for a link. */
  purchase: 15,
  message: 4,
  /** Links for the pool: nobody waits for them. */
  fill: 1,
};
