/**
 * The longest silence that Telegram orders (tdlib/td, NetQueryDelayer: 14 days). A longer `retry_after` is kept for so
 * long, and a stored pause that would end later than so long from now was written by a clock that was wrong.
 */
export const MAX_RETRY_AFTER_SECONDS = 14 * 24 * 3_600;
