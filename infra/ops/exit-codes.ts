/** What `npm run ops` ends with. */
export const exitCodes = {
  done: 0,
  /** Done with failures, nothing found, refused because of the state of things, or unhealthy. */
  failures: 1,
  badArguments: 2,
  /** The system could not be reached, did not take the key, or has a fault of its own. */
  notReached: 3,
} as const;

export type CommandExit = typeof exitCodes.done | typeof exitCodes.failures;
