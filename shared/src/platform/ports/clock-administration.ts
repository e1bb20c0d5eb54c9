/** What is known of this machine's clock. All times in milliseconds. */
export interface ClockReport {
  /** The last time that it was set, at a start or while running; negative: back. Ahead, the machine may have slept. */
  readonly lastJump: { readonly at: Date; readonly byMs: number } | undefined;
  /**
   * The clock is so far ahead of the time for which the store is known to have been used that it is not believed yet; 0
   * when it is.
   */
  readonly doubtedMs: number;
}

/** Where the times of the store are those of this machine. */
export interface ClockAdministration {
  report(): ClockReport;
}
