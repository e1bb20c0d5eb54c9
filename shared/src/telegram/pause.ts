/** The longest pause that Telegram orders (tdlib/td, NetQueryDelayer: 14 days). A longer retry_after counts as this. */
export const MAX_PAUSE_MS = 14 * 24 * 3_600_000;

/** The clocks of two machines that a time server keeps differ by less. */
const CLOCK_TOLERANCE_MS = 60_000;

/**
 * Whether a stored pause can have been ordered. One that ends later than the longest pause from now was written by a
 * clock that was wrong, and is not kept. Both times are in milliseconds, of the same clock.
 */
export function isCrediblePause(untilMs: number, nowMs: number): boolean {
  return untilMs <= nowMs + MAX_PAUSE_MS + CLOCK_TOLERANCE_MS;
}
